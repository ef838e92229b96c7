#include "io/reports/matrix_market.h"

#include <fmt/format.h>
#include <iterator>

namespace io {

namespace {

template <typename T, typename Values>
void writeColumns(const Values& values, std::int64_t rows, std::int64_t columns, std::string& text)
{
    for (std::int64_t c = 0; c < columns; ++c) {
        for (std::int64_t r = 0; r < rows; ++r) {
            fmt::format_to(std::back_inserter(text), "{}\n",
                           static_cast<T>(values[static_cast<std::size_t>(r * columns + c)]));
        }
    }
}

} // namespace

std::string tensorToMatrixMarket(const core::Tensor& tensor, std::string_view name)
{
    const core::Tensor ordered = core::toLayout(tensor, core::Layout::RowMajor);
    const std::int64_t rows = ordered.rank() == 0 ? 1 : ordered.shape()[0];
    const std::int64_t columns = rows > 0 ? ordered.count() / rows : 0;
    const bool isReal = core::isFloatingPoint(ordered.type());
    std::string text =
        fmt::format("%%MatrixMarket matrix array {} general\n% {}, shape {}\n{} {}\n",
                    isReal ? "real" : "integer", name, core::toString(ordered.shape()), rows, columns);
    if (ordered.type() == core::DataType::Float32) {
        writeColumns<float>(ordered.as<float>(), rows, columns, text);
    } else if (isReal) {
        writeColumns<double>(core::doublesOf(ordered), rows, columns, text);
    } else {
        writeColumns<std::int64_t>(core::integersOf(ordered), rows, columns, text);
    }
    return text;
}

} // namespace io
