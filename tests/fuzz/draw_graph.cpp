#include "tests/fuzz/emptied.h"
#include "tests/fuzz/rows.h"

#include <algorithm>
#include <stdexcept>

namespace fuzz {

namespace {

constexpr int kNewestOpset = 24; // that ONNX Runtime runs; newer ones for operators that are newer
constexpr double kChains = 0.2; ///< share of graphs that begin with one
constexpr double kEmptied = 0.05; ///< share of graphs over tensors of length zero

std::vector<const Row*> rowsOf(std::span<const Row> all)
{
    std::vector<const Row*> rows;
    std::ranges::transform(all, std::back_inserter(rows), [](const Row& row) { return &row; });
    return rows;
}

const std::vector<const Row*>& chains()
{
    static const std::vector<const Row*> rows = rowsOf(chainRows());
    return rows;
}

const std::vector<const Row*>& fused()
{
    static const std::vector<const Row*> rows = rowsOf(fusedRows());
    return rows;
}

const Row& subject(Random& random, const DrawRequest& request)
{
    if (!request.operatorType.empty()) {
        if (request.operatorType == "fused") {
            return *random.pick(fused());
        }
        for (const std::vector<const Row*>* rows : {&allRows(), &chains(), &fused()}) {
            std::vector<const Row*> named;
            std::ranges::copy_if(*rows, std::back_inserter(named),
                                 [&](const Row* row) { return row->type == request.operatorType; });
            if (!named.empty()) {
                return *random.pick(named);
            }
        }
        throw std::invalid_argument("no operator is called " + std::string(request.operatorType));
    }
    return *random.pick(random.chance(kChains) ? chains() : allRows());
}

/// Old forms of what changed often are as likely as new ones.
int drawOpset(Random& random, const Row& row)
{
    const int oldest = std::max(row.since, random.chance(0.03) ? 6 : 7);
    const int newest = std::min(row.until, std::max(row.since, kNewestOpset));
    const auto opset = static_cast<int>(random.between(std::min(oldest, newest), newest));
    return random.chance(0.3) ? std::clamp(random.pick({13, 17, 18, 21}), row.since, newest) : opset;
}

/// Any operator that the opset has, on what is there.
void drawNeighbour(Draw& d)
{
    for (int attempt = 0; attempt < 8; ++attempt) {
        const Row& row = *d.random.pick(allRows());
        if (row.since <= d.opset && d.opset <= row.until) {
            row.draw(d, row);
            return;
        }
    }
}

} // namespace

const std::vector<const Row*>& allRows()
{
    static const std::vector<const Row*> all = [] {
        std::vector<const Row*> rows;
        for (const auto part : {elementwiseRows(), unaryRows(), activationRows(), linearRows(), poolingRows(),
                                normalizationRows(), reductionRows(), movementRows(), shapeRows(),
                                gatheringRows(), selectionRows(), generatorRows(), quantizedRows(),
                                recurrentRows(), samplingRows(), signalRows(), controlRows()}) {
            const auto more = rowsOf(part);
            rows.insert(rows.end(), more.begin(), more.end());
        }
        return rows;
    }();
    return all;
}

const Row* findRow(std::string_view domain, std::string_view type)
{
    const auto found = std::ranges::find_if(
        allRows(), [&](const Row* row) { return row->domain == domain && row->type == type; });
    return found == allRows().end() ? nullptr : *found;
}

DrawnGraph drawGraph(const DrawRequest& request)
{
    Random random(request.seed * 0x2545f4914f6cdd1du + 1);
    const Row& row = subject(random, request);
    Draw d(random.next(), drawOpset(random, row));
    const std::int64_t before = d.random.pick<std::int64_t>({0, 0, 0, 1});
    const std::int64_t behind = d.random.pick<std::int64_t>({0, 0, 1, 1, 2, 3});
    for (std::int64_t i = 0; i < before; ++i) {
        drawNeighbour(d);
    }
    row.draw(d, row);
    for (std::int64_t i = 0; i < behind; ++i) {
        drawNeighbour(d);
    }
    DrawnGraph graph = d.finish();
    return random.chance(request.isEmptied ? 1.0 : kEmptied) ? emptied(std::move(graph), random) : graph;
}

} // namespace fuzz
