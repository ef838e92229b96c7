#include "io/data/input_source.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace io {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

InputSourcePtr openInput(const InputDescription& input, const Preprocess& preprocess, const InputSpec& spec)
{
    switch (input.kind) {
    case InputKind::Images:
        return openImages(input, preprocess, spec);
    case InputKind::Hdf5:
    case InputKind::Npy:
    case InputKind::Npz:
        return openArray(input, preprocess, spec);
    case InputKind::Audio:
        return openAudio(input, spec);
    case InputKind::Constant:
        return makeConstant(input, spec);
    case InputKind::State:
        return makeState(input, spec);
    case InputKind::Random:
        break;
    }
    return makeRandom(input, spec);
}

std::optional<core::Shape> itemShape(const InputSpec& spec)
{
    if (!spec.hasShape || spec.shape.empty()) {
        return std::nullopt;
    }
    return core::Shape(spec.shape.begin() + 1, spec.shape.end());
}

ChannelOrder channelOrder(const InputSpec& spec)
{
    const auto isColor = [](std::int64_t channels) { return channels == 1 || channels == 3; };
    const auto item = itemShape(spec);
    const bool last = item && item->size() == 3 && (*item)[0] != core::kDynamic && !isColor((*item)[0])
        && isColor((*item)[2]);
    return last ? ChannelOrder::Last : ChannelOrder::First;
}

std::string fileFingerprint(const fs::path& path)
{
    std::error_code ignored;
    const auto size = fs::file_size(path, ignored);
    const auto time = fs::last_write_time(path, ignored).time_since_epoch().count();
    // Without its folder: data that move with their session stay the same.
    return fmt::format("{}|{}|{}\n", path.filename().string(), size, time);
}

std::vector<fs::path> filesAt(const fs::path& path, bool (*wanted)(const fs::path&), std::string_view what)
{
    std::error_code error;
    if (!fs::exists(path, error)) {
        throw Error(ErrorKind::Io, fmt::format("cannot read {}: No such file or directory", path.string()));
    }
    if (!fs::is_directory(path)) {
        return {path};
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(path, error)) {
        if (entry.is_regular_file() && wanted(entry.path())) {
            files.push_back(entry.path());
        }
    }
    if (error) {
        throw Error(ErrorKind::Io, fmt::format("cannot read {}: {}", path.string(), error.message()));
    }
    if (files.empty()) {
        throw Error(ErrorKind::Usage, fmt::format("{}: the folder has no {}", path.string(), what));
    }
    std::ranges::sort(files, {}, [](const fs::path& file) { return file.filename().string(); });
    return files;
}

} // namespace io
