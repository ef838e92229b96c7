#include "io/session/session_file.h"

#include "core/base/error.h"
#include "io/files/file.h"
#include "io/files/hdf5/image.h"
#include "io/plans/plan_json.h"
#include "io/session/saved_report.h"
#include "io/session/saved_statistics.h"
#include "io/session/saved_tensors.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t kUserBlock = 512; // the smallest that HDF5 looks behind
constexpr std::string_view kFormat = "noisefloor-session/3";
constexpr std::string_view kSecondFormat = "noisefloor-session/2"; // without intervals and metrics
constexpr std::string_view kFirstFormat = "noisefloor-session/1"; // nor checksums of its datasets

std::string userBlock(std::string_view format, std::string_view image)
{
    std::string block =
        fmt::format("{}\nsha256 {}\nHDF5 follows after {} bytes.\n", format, sha256(image), kUserBlock);
    block.resize(kUserBlock, '\0');
    return block;
}

struct Image
{
    std::string_view bytes;
    std::string_view format;
    bool isWhole = true;
};

/// The HDF5 part. Throws where it is not what was written and has no checksums by part.
Image checkedImage(std::string_view bytes)
{
    constexpr std::string_view kFamily = "noisefloor-session/";
    if (!bytes.starts_with(kFamily)) {
        throw Error(ErrorKind::FileFormat, "not a session file");
    }
    const std::string_view format = bytes.substr(0, std::min(bytes.find('\n'), kFamily.size() + 8));
    if (format != kFormat && format != kSecondFormat && format != kFirstFormat) {
        throw Error(
            ErrorKind::FileFormat,
            fmt::format("session of another version ('{}'), this program reads up to {}", format, kFormat));
    }
    const bool isWhole = bytes.size() > kUserBlock
        && bytes.substr(0, kUserBlock) == userBlock(format, bytes.substr(kUserBlock));
    if (!isWhole && (format == kFirstFormat || bytes.size() <= kUserBlock)) {
        throw Error(ErrorKind::FileFormat, "damaged: its checksum does not match; take an earlier copy");
    }
    return {bytes.substr(kUserBlock), format, isWhole};
}

/// Loads one part; where the file is damaged, a part that is not whole is left out and told.
class Salvage
{
public:
    Salvage(bool isWhole, std::vector<std::string>& lost)
        : m_isWhole(isWhole)
        , m_lost(lost)
    {
    }
    void operator()(const std::string& what, const std::function<void()>& load) const
    {
        try {
            load();
        } catch (const Error& error) {
            if (m_isWhole) {
                throw;
            }
            m_lost.push_back(fmt::format("{} ({})", what, error.what()));
        }
    }

private:
    bool m_isWhole;
    std::vector<std::string>& m_lost;
};

std::string pathText(const std::filesystem::path& path, const std::filesystem::path& folder)
{
    if (path.empty()) {
        return {};
    }
    const auto relative = std::filesystem::absolute(path).lexically_normal().lexically_relative(
        std::filesystem::absolute(folder).lexically_normal());
    const bool below = !relative.empty() && *relative.begin() != "..";
    return (below ? relative : std::filesystem::absolute(path).lexically_normal()).string();
}

std::filesystem::path pathFrom(const std::string& text, const std::filesystem::path& folder)
{
    return text.empty() ? std::filesystem::path() : folder / text; // an absolute text replaces the folder
}

void saveShapes(Hdf5Writer& file, const SessionFile& session)
{
    Table table;
    auto& names = table.addTexts("input");
    auto& axes = table.addIntegers("axis");
    auto& sizes = table.addIntegers("size");
    for (const auto& [name, shape] : session.shapes) {
        for (std::size_t a = 0; a < shape.size(); ++a) {
            names.push_back(name);
            axes.push_back(static_cast<std::int64_t>(a));
            sizes.push_back(shape[a]);
        }
    }
    file.table("/data/shapes", table);
}

void loadShapes(const Hdf5Reader& file, SessionFile& session)
{
    const Table table = file.table("/data/shapes");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        session.shapes[table.texts("input")[r]].push_back(table.integers("size")[r]);
    }
}

void savePlans(Hdf5Writer& file, const SessionFile& session)
{
    Table table;
    auto& labels = table.addTexts("label");
    auto& plans = table.addTexts("plan");
    for (const SavedPlan& step : session.history) {
        labels.push_back(step.label);
        plans.push_back(planToJson(*step.plan));
    }
    file.table("/plan/history", table);
    file.attribute("/plan", "current", static_cast<std::int64_t>(session.current));
}

std::shared_ptr<const core::QuantizationPlan> planOf(const std::string& json)
{
    return std::make_shared<const core::QuantizationPlan>(planFromJson(json));
}

void loadPlans(const Hdf5Reader& file, SessionFile& session)
{
    const Table table = file.table("/plan/history");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        session.history.push_back({table.texts("label")[r], planOf(table.texts("plan")[r])});
    }
    const std::int64_t current = file.integerAttribute("/plan", "current");
    if (current < 0 || static_cast<std::size_t>(current) >= session.history.size()) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("plan {} of {} cannot be the current one", current, session.history.size()));
    }
    session.current = static_cast<std::size_t>(current);
}

void saveRuns(Hdf5Writer& file, const SessionFile& session)
{
    file.group("/runs");
    for (std::size_t i = 0; i < session.runs.size(); ++i) {
        const SavedRun& run = session.runs[i];
        const std::string path = fmt::format("/runs/{:06}", i);
        file.group(path);
        file.attribute(path, "number", run.number);
        file.attribute(path, "finished", run.finished);
        file.attribute(path, "label", run.label);
        file.attribute(path, "note", run.note);
        file.text(path + "/plan", planToJson(*run.report->plan));
        saveReport(file, path + "/report", *run.report);
    }
    if (session.baseline) {
        file.attribute("/runs", "baseline", *session.baseline);
    } else {
        file.attribute("/runs", "baseline", std::int64_t{-1});
    }
}

void loadRuns(const Hdf5Reader& file, SessionFile& session, bool haveMetrics, const Salvage& salvage)
{
    for (const std::string& name : file.names("/runs")) {
        const std::string path = "/runs/" + name;
        salvage("run in " + path, [&] {
            session.runs.push_back(
                {file.integerAttribute(path, "number"), file.textAttribute(path, "finished"),
                 file.textAttribute(path, "label"), file.textAttribute(path, "note"),
                 loadReport(file, path + "/report", planOf(file.text(path + "/plan")), haveMetrics)});
        });
    }
    if (const std::int64_t baseline = file.integerAttribute("/runs", "baseline"); baseline >= 0) {
        session.baseline = baseline;
    }
}

} // namespace

std::string sessionToBytes(const SessionFile& session, const std::filesystem::path& folder)
{
    Hdf5Writer file;
    file.attribute("/", "format", kFormat);
    file.group("/model");
    file.attribute("/model", "path", pathText(session.model, folder));
    file.attribute("/model", "sha256", session.modelSha256);
    file.group("/data");
    file.attribute("/data", "path", pathText(session.data, folder));
    file.attribute("/data", "fingerprint", session.dataFingerprint);
    file.attribute("/data", "sample_limit", session.sampleLimit);
    saveShapes(file, session);
    savePlans(file, session);
    saveStatistics(file, "/statistics/calibration", session.calibration);
    saveStatistics(file, "/statistics/evaluation", session.evaluation);
    saveRuns(file, session);
    file.text("/layout", session.layout);
    if (session.tensors) {
        saveTensors(file, "/tensors", *session.tensors);
    }
    const std::string image = std::move(file).finish();
    return userBlock(kFormat, image) + image;
}

namespace {

Hdf5Reader readerOf(const Image& image)
{
    try {
        return Hdf5Reader(image.bytes,
                          image.isWhole ? Hdf5Reader::Content::Whole : Hdf5Reader::Content::Damaged);
    } catch (const Error& error) {
        if (image.isWhole) {
            throw;
        }
        throw Error(error.kind(),
                    fmt::format("damaged where nothing can be saved (its checksum does not "
                                "match; {}): take an earlier copy",
                                error.what()));
    }
}

/// What a session cannot be without, and references to what is gone.
void replaceLost(SessionFile& session)
{
    if (session.history.empty()) {
        const auto plan = session.runs.empty()
            ? std::make_shared<const core::QuantizationPlan>(core::QuantizationPlan::makeDefault())
            : session.runs.back().report->plan;
        session.history = {{"", plan}};
        session.current = 0;
    }
    session.current = std::min(session.current, session.history.size() - 1);
    if (std::ranges::find(session.runs, session.baseline.value_or(-1), &SavedRun::number)
        == session.runs.end()) {
        session.baseline.reset();
    }
}

} // namespace

SessionFile sessionFromBytes(std::string_view bytes, const std::filesystem::path& folder)
{
    const Image image = checkedImage(bytes);
    const Hdf5Reader file = readerOf(image);
    SessionFile session;
    session.folder = folder;
    const Salvage salvage(image.isWhole, session.lost);
    session.model = pathFrom(file.textAttribute("/model", "path"), folder);
    session.modelSha256 = file.textAttribute("/model", "sha256");
    session.data = pathFrom(file.textAttribute("/data", "path"), folder);
    session.dataFingerprint = file.textAttribute("/data", "fingerprint");
    session.sampleLimit = file.integerAttribute("/data", "sample_limit");
    loadShapes(file, session);
    salvage("the history of plans", [&] { loadPlans(file, session); });
    salvage("the calibration statistics",
            [&] { session.calibration = loadStatistics(file, "/statistics/calibration"); });
    salvage("the evaluation statistics",
            [&] { session.evaluation = loadStatistics(file, "/statistics/evaluation"); });
    salvage("the list of runs", [&] { loadRuns(file, session, image.format == kFormat, salvage); });
    salvage("the layout of the window", [&] { session.layout = file.text("/layout"); });
    salvage("the tensors", [&] {
        if (file.has("/tensors")) {
            session.tensors = std::make_shared<const SavedTensors>(loadTensors(file, "/tensors"));
        }
    });
    if (!image.isWhole && session.lost.empty()) {
        session.lost.emplace_back("nothing that is read, but its checksum does not match");
    }
    if (!image.isWhole) {
        replaceLost(session);
    }
    return session;
}

void writeSession(const SessionFile& session, const std::filesystem::path& path)
{
    writeFileAtomically(path, sessionToBytes(session, std::filesystem::absolute(path).parent_path()));
}

SessionFile readSession(const std::filesystem::path& path)
{
    const std::string bytes = readFile(path);
    try {
        return sessionFromBytes(bytes, std::filesystem::absolute(path).parent_path());
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}", path.filename().string(), error.what()));
    }
}

} // namespace io
