#pragma once

#include "core/base/error.h"
#include "tests/fuzz/draw_values.h"
#include "tests/fuzz/drawn_graph.h"

#include <optional>

namespace fuzz {

using core::DataType;
using core::Shape;

inline const Types kFloat{DataType::Float32};
inline const Types kFloats{DataType::Float32, DataType::Float32, DataType::Float32,
                           DataType::Float32, DataType::Float16, DataType::Float64};
inline const Types kIntegers{DataType::Int8,  DataType::UInt8,  DataType::Int16, DataType::UInt16,
                             DataType::Int32, DataType::UInt32, DataType::Int64, DataType::UInt64};
inline const Types kNumbers{DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float32,
                            DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float64,
                            DataType::Float16, DataType::Int32,   DataType::Int64,   DataType::Int8,
                            DataType::UInt8};
inline const Types kIndices{DataType::Int64, DataType::Int64, DataType::Int32};

/// A graph while it is being drawn. Every node is evaluated at once, so that what reads its result knows the
/// shape and may choose values that fit.
class Draw
{
public:
    Draw(std::uint64_t seed, int opset);

    Random random;
    const int opset;

    /// A value of one of those types and a rank in that range: one that the graph has, or a new one.
    std::string any(const Types& types, int lowestRank = 0, int highestRank = 5);
    /// A new value of exactly that shape: an input or a constant.
    std::string value(const Types& types, const Shape& shape);
    std::string valueOf(core::Tensor tensor, Values values); ///< same, with the first sample given
    /// A constant, as initializer, Constant node, Identity or computed.
    std::string constant(core::Tensor tensor);
    /// An input or, as often, a constant with those values in every sample: indices, shapes, counts.
    std::string given(core::Tensor tensor);
    /// A float constant of ordinary values.
    std::string weights(const Shape& shape, DataType type = DataType::Float32);

    /// Adds a node; the names of its outputs. `outputs`: how many, all used.
    Names node(const std::string& type, const Names& inputs, const Attributes& attributes = {},
               int outputs = 1, const std::string& domain = {});
    /// With a body; its results take the shapes that evaluation gives.
    Names nodeWithBodies(DrawnNode node);

    /// Every attribute of the second set is set by chance.
    Attributes some(Attributes always, const Attributes& sometimes);
    void form(const std::string& name) { m_graph.forms.insert(name); }

    [[nodiscard]] bool isKnown(const std::string& name) const { return m_values.contains(name); }
    [[nodiscard]] const core::Tensor& tensor(const std::string& name) const { return m_values.at(name); }
    [[nodiscard]] const Shape& shape(const std::string& name) const { return tensor(name).shape(); }
    [[nodiscard]] DataType type(const std::string& name) const { return tensor(name).type(); }
    [[nodiscard]] std::int64_t rank(const std::string& name) const { return std::ssize(shape(name)); }

    Shape drawShape(int lowestRank, int highestRank);
    /// A shape that broadcasts with that one.
    Shape broadcastable(const Shape& shape);
    std::int64_t axisOf(std::int64_t rank); ///< negative or not
    std::string fresh(const std::string& hint);

    /// Values that nothing reads become outputs; some others, too.
    [[nodiscard]] DrawnGraph finish();

private:
    void evaluate(const DrawnNode& node);
    std::string input(std::vector<core::Tensor> samples);
    std::string initializer(core::Tensor tensor);

    DrawnGraph m_graph;
    std::map<std::string, core::Tensor> m_values; ///< first sample
    std::set<std::string> m_constants;
    std::vector<std::string> m_pool; ///< activations that others may read, oldest first
    std::set<std::string> m_names;
    Values m_inputValues;
    bool m_hasOddNames;
    bool m_hasDynamicBatch;
};

} // namespace fuzz
