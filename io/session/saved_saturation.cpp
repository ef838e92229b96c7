#include "io/session/saved_saturation.h"

#include "io/session/tensor_tables.h"

#include <algorithm>
#include <utility>

namespace io {

void saveSaturation(Hdf5Writer& file, const std::string& path, const core::Report& report)
{
    Table table;
    auto& owner = table.addIntegers("operator");
    auto& channels = table.addIntegers("channel", "-1: the operator as a whole");
    auto& outliers = table.addReals("outlier_share", "share of weights");
    auto& pairs = table.addIntegers("pairs", "sums of two products");
    auto& sums = table.addIntegers("sums", "accumulations");
    const auto add = [&](std::size_t layer, std::int64_t channel, double share, std::int64_t pair,
                         std::int64_t sum) {
        owner.push_back(static_cast<std::int64_t>(layer));
        channels.push_back(channel);
        outliers.push_back(share);
        pairs.push_back(pair);
        sums.push_back(sum);
    };
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        if (const auto& saturation = report.layers[i]->saturation) {
            add(i, -1, saturation->outlierShare, 0, 0);
            for (std::size_t c = 0; c < std::max(saturation->pairs.size(), saturation->sums.size()); ++c) {
                add(i, static_cast<std::int64_t>(c), saturation->outlierShare,
                    c < saturation->pairs.size() ? saturation->pairs[c] : -1,
                    c < saturation->sums.size() ? saturation->sums[c] : -1);
            }
        }
    }
    file.table(path + "/saturation", table);
}

void loadSaturation(const Hdf5Reader& file, const std::string& path, std::vector<core::LayerReport>& layers)
{
    const Table table = file.table(path + "/saturation");
    for (std::size_t r = 0; r < table.rows(); ++r) {
        auto& saturation = layerAt(layers, table.integers("operator")[r]).saturation;
        if (!saturation) {
            saturation.emplace();
            saturation->outlierShare = table.reals("outlier_share")[r];
        }
        if (table.integers("channel")[r] < 0) {
            continue;
        }
        for (const auto& [column, list] :
             {std::pair("pairs", &saturation->pairs), std::pair("sums", &saturation->sums)}) {
            if (const std::int64_t count = table.integers(column)[r]; count >= 0) {
                list->push_back(count);
            }
        }
    }
}

} // namespace io
