#include "io/exports/definitions.h"
#include "io/exports/support.h"
#include "io/exports/target_losses.h"

#include "core/base/error.h"
#include "core/base/near_misses.h"
#include "io/files/output_files.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace io {

std::string toString(const ExportLoss& loss)
{
    return loss.item.empty() ? loss.what : loss.item + ": " + loss.what;
}

std::vector<std::string> summaryOf(std::span<const ExportLoss> losses, std::size_t most)
{
    std::vector<std::string> kinds;
    std::map<std::string, std::vector<std::string>> items;
    for (const ExportLoss& loss : losses) {
        auto& of = items[loss.what];
        if (of.empty()) {
            kinds.push_back(loss.what);
        }
        of.push_back(loss.item);
    }
    std::vector<std::string> lines;
    for (const std::string& what : kinds) {
        const auto& of = items.at(what);
        if (most == 0 || of.size() <= most) {
            for (const std::string& item : of) {
                lines.push_back(toString({item, what}));
            }
        } else {
            lines.push_back(fmt::format("{} and {} more: {}", fmt::join(std::span(of).first(most), ", "),
                                        of.size() - most, what));
        }
    }
    return lines;
}

std::span<const ExportFormat> exportFormats()
{
    static const std::array formats{
        planFormat(),         qdqFormat(),
        qdq21Format(),        qOperatorFormat(),
        ortOverridesFormat(), ortCalibrationFormat(),
        trtCacheFormat(),     aimet061Format(),
        aimet100Format(),     aimet200Format(),
        openvinoNncfFormat(), incFormat(),
        mxnetFormat(),        caffe2Format(),
        paddleFormat(),       dnnlowpQparamsFormat(),
        ncnnFormat(),         modelExplorerFormat(),
        csvFormat(),
    };
    return formats;
}

const ExportFormat& exportFormat(std::string_view name)
{
    const auto formats = exportFormats();
    const auto it = std::ranges::find(formats, name, &ExportFormat::name);
    if (it == formats.end()) {
        std::vector<std::string> names;
        std::ranges::transform(formats, std::back_inserter(names),
                               [](const auto& f) { return std::string(f.name); });
        throw core::Error(core::ErrorKind::Usage,
                          fmt::format("--format: '{}' is none of {}{}", name, fmt::join(names, ", "),
                                      core::nearMisses(std::string(name), names)));
    }
    return *it;
}

Export exportAs(const ExportFormat& format, const ExportSource& source)
{
    Export result = format.write(source);
    if (source.isSynthetic && format.keepsActivations) {
        result.losses.insert(result.losses.begin(),
                             {"", "the ranges were chosen on synthetic data, not on any of yours"});
    }
    if (format.isModel) {
        append(result.losses, source.narrowed);
    }
    if (!format.keepsRepairs) {
        append(result.losses, lossesOfRepairs(*source.graph, *source.resolved));
    }
    if (!format.keepsEverything) {
        append(result.losses, lossesOfTarget(format, source));
    }
    return result;
}

std::vector<std::filesystem::path> writeExport(const Export& exported, const std::filesystem::path& path)
{
    std::vector<std::filesystem::path> paths;
    std::vector<OutputFile> files;
    for (const ExportedFile& file : exported.files) {
        std::filesystem::path target = path;
        target += file.suffix;
        files.push_back({target, file.content});
        paths.push_back(std::move(target));
    }
    writeTogether(files);
    return paths;
}

} // namespace io
