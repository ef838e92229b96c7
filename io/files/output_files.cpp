#include "io/files/output_files.h"

#include "core/base/error.h"
#include "io/files/descriptor.h"
#include "io/files/input_files.h"
#include "io/files/output_target.h"
#include "io/files/temporaries.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <sys/stat.h>

namespace io {

namespace fs = std::filesystem;

namespace {

using core::Error;
using core::ErrorKind;

[[noreturn]] void cannotWrite(const fs::path& path, int error)
{
    throw Error(ErrorKind::Io, fmt::format("cannot write {}: {}", path.string(), std::strerror(error)));
}

void refuseInput(const fs::path& named, const fs::path& target)
{
    if (isInput(target)) {
        throw Error(ErrorKind::Usage,
                    fmt::format("{} is read by this command and would be replaced: name another file",
                                named.string()));
    }
}

void writeAll(int descriptor, std::string_view content, const fs::path& path)
{
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            cannotWrite(path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// A rename is on disk once its folder is. Some file systems refuse to sync folders, which is not our
/// failure.
void syncFolder(const fs::path& folder)
{
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() >= 0) {
        ::fsync(descriptor.get());
    }
}

/// Devices, pipes and descriptors: what is there is added to, nothing is replaced.
void writeThrough(const OutputTarget& target, const OutputFile& file)
{
    std::fflush(stdout); // what was printed before comes before
    const Descriptor descriptor(target.descriptor >= 0 ? ::fcntl(target.descriptor, F_DUPFD_CLOEXEC, 3)
                                                       : ::open(target.path.c_str(), O_WRONLY | O_CLOEXEC));
    if (descriptor.get() < 0) {
        cannotWrite(file.path, errno);
    }
    writeAll(descriptor.get(), file.content, file.path);
}

/// One regular file on its way: whole in a temporary beside its place, then put there.
class Replacement
{
public:
    Replacement(const OutputFile& file, fs::path target)
        : m_file(file)
        , m_target(std::move(target))
        , m_exists(::stat(m_target.c_str(), &m_old) == 0)
    {
        const std::string prefix = "." + m_target.filename().string();
        removeDeadTemporaries(folder(), prefix);
        m_temporary = std::make_unique<TemporaryPath>(folder() / temporaryName(prefix));
        // The mode of a new file is what the process's mask leaves of the usual one.
        Descriptor made(::open(m_temporary->path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (made.get() < 0) {
            cannotWrite(file.path, errno);
        }
        if (m_exists) {
            keepOwnerAndMode(made.get());
        }
        writeAll(made.get(), file.content, file.path);
        if (::fsync(made.get()) != 0 || made.close() != 0) {
            cannotWrite(file.path, errno);
        }
    }

    /// The old file stays beside it until all of the set are in place.
    void putInPlace(bool keepsOld)
    {
        if (m_exists && m_old.st_nlink > 1) {
            return writeInto(); // another name of the file shall see the new content, too
        }
        if (m_exists && keepsOld) {
            m_backup = std::make_unique<TemporaryPath>(
                folder() / temporaryName("." + m_target.filename().string() + ".old"));
            if (::link(m_target.c_str(), m_backup->path().c_str()) != 0) {
                m_backup.reset(); // a file system without hard links
            }
        }
        if (::rename(m_temporary->path().c_str(), m_target.c_str()) != 0) {
            cannotWrite(m_file.path, errno);
        }
        m_temporary->release();
        m_isInPlace = true;
        syncFolder(folder());
    }

    void putBack()
    {
        if (m_isInPlace && m_backup && ::rename(m_backup->path().c_str(), m_target.c_str()) == 0) {
            m_backup->release();
        } else if (m_isInPlace && !m_exists) {
            ::unlink(m_target.c_str());
        }
    }

private:
    [[nodiscard]] fs::path folder() const
    {
        return m_target.has_parent_path() ? m_target.parent_path() : fs::path(".");
    }

    void keepOwnerAndMode(int descriptor) const
    {
        struct stat own
        {
        };
        ::fstat(descriptor, &own);
        if ((own.st_uid != m_old.st_uid || own.st_gid != m_old.st_gid)
            && ::fchown(descriptor, m_old.st_uid, m_old.st_gid) != 0) {
            // Only root gives files away; the group can still be kept.
            static_cast<void>(::fchown(descriptor, static_cast<uid_t>(-1), m_old.st_gid) == 0);
        }
        ::fchmod(descriptor, m_old.st_mode & 07777);
    }

    void writeInto()
    {
        Descriptor descriptor(::open(m_target.c_str(), O_WRONLY | O_CLOEXEC));
        if (descriptor.get() < 0) {
            cannotWrite(m_file.path, errno);
        }
        writeAll(descriptor.get(), m_file.content, m_file.path);
        if (::ftruncate(descriptor.get(), static_cast<off_t>(m_file.content.size())) != 0
            || ::fsync(descriptor.get()) != 0) {
            cannotWrite(m_file.path, errno);
        }
    }

    const OutputFile& m_file;
    fs::path m_target;
    struct stat m_old
    {
    };
    bool m_exists;
    bool m_isInPlace = false;
    std::unique_ptr<TemporaryPath> m_temporary;
    std::unique_ptr<TemporaryPath> m_backup;
};

/// A file can be made in that folder, and is gone again.
void proveFolder(const fs::path& named, const fs::path& folder)
{
    const TemporaryPath probe(folder / temporaryName(".probe"));
    const Descriptor made(::open(probe.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made.get() < 0) {
        cannotWrite(named, errno);
    }
}

void proveFile(const fs::path& named, const OutputTarget& target)
{
    if (target.kind == OutputTarget::Kind::Folder) {
        cannotWrite(named, EISDIR);
    }
    if (target.kind == OutputTarget::Kind::Missing) {
        return proveFolder(named, target.path.has_parent_path() ? target.path.parent_path() : ".");
    }
    if (target.descriptor < 0 && ::access(target.path.c_str(), W_OK) != 0) {
        cannotWrite(named, errno);
    }
    if (target.kind == OutputTarget::Kind::Regular) {
        proveFolder(named, target.path.has_parent_path() ? target.path.parent_path() : ".");
    }
}

void proveOutputFolder(const fs::path& named)
{
    if (fs::exists(named) && !fs::is_directory(named)) {
        cannotWrite(named, ENOTDIR);
    }
    fs::path nearest = fs::absolute(named);
    while (!fs::exists(nearest) && nearest.has_relative_path()) {
        nearest = nearest.parent_path();
    }
    proveFolder(named, nearest);
}

bool isSameFile(const fs::path& a, const fs::path& b)
{
    std::error_code ignored;
    return fs::weakly_canonical(fs::absolute(a), ignored) == fs::weakly_canonical(fs::absolute(b), ignored)
        || fs::equivalent(a, b, ignored);
}

} // namespace

void writeTogether(std::span<const OutputFile> files)
{
    std::vector<std::unique_ptr<Replacement>> replacements;
    std::vector<std::pair<OutputTarget, const OutputFile*>> through;
    for (const OutputFile& file : files) {
        OutputTarget target = outputTarget(file.path);
        if (inputsAreProtected()) {
            refuseInput(file.path, target.path);
        }
        if (target.kind == OutputTarget::Kind::Folder) {
            cannotWrite(file.path, EISDIR);
        }
        if (target.kind == OutputTarget::Kind::Stream) {
            through.emplace_back(std::move(target), &file);
        } else {
            replacements.push_back(std::make_unique<Replacement>(file, std::move(target.path)));
        }
    }
    for (const auto& [target, file] : through) {
        writeThrough(target, *file);
    }
    const auto placing = placingFiles();
    std::ranges::reverse(replacements); // the first, that the others belong to, comes last
    try {
        for (const auto& replacement : replacements) {
            replacement->putInPlace(replacements.size() > 1);
        }
    } catch (...) {
        for (const auto& replacement : replacements) {
            replacement->putBack();
        }
        throw;
    }
}

void ClaimedOutputs::claim(const fs::path& path, OutputKind kind)
{
    if (path.empty()) {
        return;
    }
    const OutputTarget target = outputTarget(path);
    if (kind == OutputKind::Folder) {
        proveOutputFolder(path);
    } else {
        refuseInput(path, target.path);
        proveFile(path, target);
    }
    for (std::size_t i = 0; i < m_targets.size() && target.kind != OutputTarget::Kind::Stream; ++i) {
        if (isSameFile(m_targets[i], target.path)) {
            throw Error(ErrorKind::Usage,
                        fmt::format("{} and {} are one file: name one for each output", m_named[i].string(),
                                    path.string()));
        }
    }
    m_named.push_back(path);
    m_targets.push_back(target.path);
}

void ClaimedOutputs::refuseInputs() const
{
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        refuseInput(m_named[i], m_targets[i]);
    }
}

} // namespace io
