#pragma once

#include "core/network/operator_graph.h"
#include "core/network/weight_layout.h"

#include <vector>

namespace core {

/// max|W| of a linear operator by result and source channel, and the factors that both have got so far.
class WeightRanges
{
public:
    explicit WeightRanges(const Operator& op);

    [[nodiscard]] std::vector<double> ofRows() const; ///< by result channel
    [[nodiscard]] std::vector<double> ofColumns() const; ///< by source channel
    /// How far each result channel reaches, as far as weights and bias tell: the bound of its Clip, or
    /// |b_c| + 6·‖W_c‖, six deviations of sources of unit size.
    [[nodiscard]] std::vector<double> reach() const;
    void scaleRow(std::size_t row, double factor) { m_row[row] *= factor; }
    void scaleColumn(std::size_t column, double factor) { m_column[column] *= factor; }

    /// Constants with all factors applied, rounded once.
    void applyTo(Operator& op) const;

private:
    void scaleResult(Operator& op) const;
    template <typename Function>
    void forEach(Function function) const;

    WeightLayout m_layout;
    std::size_t m_perGroup;
    std::vector<float> m_largest;
    std::vector<double> m_reach;
    std::vector<double> m_row;
    std::vector<double> m_column;
};

} // namespace core
