#include "core/graph/ops/loops.h"

#include "core/graph/bind_shapes.h"
#include "core/graph/ops/definitions.h"
#include "core/graph/ops/infer.h"
#include "core/graph/reference_evaluator.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>

namespace core::ops {

namespace {

using Inputs = std::span<const Tensor>;
using Outputs = std::vector<Tensor>;

constexpr std::int64_t kMostIterations = 100'000; // of one loop: a body that never ends is an error

const Graph& loopBodyOf(const Node& node)
{
    const Attribute* found = node.find("body");
    const auto* body = found ? std::get_if<std::shared_ptr<const Graph>>(found) : nullptr;
    if (body == nullptr) {
        fail(node, "attribute body is missing", ErrorKind::InvalidModel);
    }
    return **body;
}

/// Where the inputs of a node stand: its own first, then what its body captures.
struct LoopInputs
{
    const Graph& body;
    std::size_t own = 0; ///< of the node
    std::size_t captured = 0;

    LoopInputs(const Node& node, std::size_t given, std::size_t ofBody)
        : body(loopBodyOf(node))
        , own(static_cast<std::size_t>(node.integer(kExplicitInputs, static_cast<std::int64_t>(given))))
        , captured(given - std::min(given, own))
    {
        if (own > given || body.inputs().size() != ofBody + captured) {
            fail(node,
                 fmt::format("its body takes {} values, it is given {}", body.inputs().size(),
                             ofBody + captured),
                 ErrorKind::InvalidModel);
        }
    }
};

/// Element `index` along an axis, without that axis.
Tensor itemOf(const Tensor& tensor, std::size_t axis, std::int64_t index)
{
    const Shape& shape = tensor.shape();
    const std::size_t inner =
        static_cast<std::size_t>(elementCount(std::span(shape).subspan(axis + 1))) * sizeOf(tensor.type());
    const auto outer = static_cast<std::size_t>(elementCount(std::span(shape).first(axis)));
    const auto extent = static_cast<std::size_t>(shape[axis]);
    Shape item = shape;
    item.erase(item.begin() + static_cast<std::ptrdiff_t>(axis));
    TensorBuilder result(tensor.type(), std::move(item));
    for (std::size_t i = 0; i < outer && inner > 0; ++i) {
        std::memcpy(result.data() + i * inner,
                    tensor.data() + (i * extent + static_cast<std::size_t>(index)) * inner, inner);
    }
    return std::move(result).finish();
}

/// Items of one shape along a new axis. `like`: type and shape of an item where there is none.
Tensor stacked(const Node& node, const std::vector<Tensor>& items, std::int64_t axis, const ValueInfo& like)
{
    const Shape item = items.empty() ? like.shape : items.front().shape();
    const DataType type = items.empty() ? like.type : items.front().type();
    const auto at = static_cast<std::size_t>(normalizedAxis(axis, item.size() + 1));
    Shape shape = item;
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), std::ssize(items));
    const auto outer = static_cast<std::size_t>(elementCount(std::span(item).first(at)));
    const std::size_t inner =
        static_cast<std::size_t>(elementCount(std::span(item).subspan(at))) * sizeOf(type);
    TensorBuilder result(type, std::move(shape));
    for (std::size_t k = 0; k < items.size(); ++k) {
        if (items[k].shape() != item || items[k].type() != type) {
            fail(node,
                 fmt::format("iteration {} gives {}, the first gave {}", k, toString(items[k].shape()),
                             toString(item)));
        }
        for (std::size_t i = 0; i < outer && inner > 0; ++i) {
            std::memcpy(result.data() + (i * items.size() + k) * inner, items[k].data() + i * inner, inner);
        }
    }
    return std::move(result).finish();
}

/// What the body says of a value, for outputs of which no iteration made one.
ValueInfo declared(const Graph& body, ValueId id)
{
    const Value& value = body.value(id);
    Shape shape = value.hasShape ? value.shape : Shape{};
    std::ranges::replace(shape, kDynamic, std::int64_t{0});
    return {value.type == DataType::Undefined ? DataType::Float32 : value.type, shape};
}

/// Types and shapes of the body's outputs; empty where they depend on data.
std::vector<ValueInfo> bodyOutputs(const InferContext& c, const LoopInputs& in, std::vector<ValueInfo> first)
{
    std::vector<const Tensor*> constants(first.size(), nullptr);
    first.insert(first.end(), c.inputs.begin() + static_cast<std::ptrdiff_t>(in.own), c.inputs.end());
    constants.insert(constants.end(), c.constants.begin() + static_cast<std::ptrdiff_t>(in.own),
                     c.constants.end());
    try {
        return inferOutputs(in.body, first, constants);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::UnsupportedOperator
            && std::string_view(error.what()).ends_with("depends on data")) {
            return {};
        }
        throw;
    }
}

// Loop: trip count, condition, carried values.

/// Whether the body hands its condition on, so that the trip count alone ends the loop.
bool keepsCondition(const Graph& body)
{
    const ValueId result = body.outputs().front();
    const Value& value = body.value(result);
    if (result == body.inputs()[1]) {
        return true;
    }
    if (value.constant) {
        return core::integersOf(*value.constant).at(0) != 0;
    }
    const Node* writer = value.producer ? &body.node(*value.producer) : nullptr;
    return writer && writer->type == "Identity" && writer->inputs[0] == body.inputs()[1];
}

std::int64_t knownTrips(const InferContext& c, const Graph& body)
{
    const bool isCounted = hasInput(c, 0) && c.constants[0];
    const bool isStarted = !hasInput(c, 1) || (c.constants[1] && firstInteger(c.node, *c.constants[1]) != 0);
    return isCounted && isStarted && keepsCondition(body)
        ? std::max<std::int64_t>(0, firstInteger(c.node, *c.constants[0]))
        : kDynamic;
}

std::vector<ValueInfo> inferLoop(const InferContext& c)
{
    const LoopInputs in(c.node, c.inputs.size(),
                        static_cast<std::size_t>(c.node.integer(kExplicitInputs, std::ssize(c.inputs))));
    if (in.own < 2 || in.body.outputs().size() < in.own - 1) {
        fail(c.node, "its body does not give what the loop carries", ErrorKind::InvalidModel);
    }
    std::vector<ValueInfo> first{{DataType::Int64, {}}, {DataType::Bool, {}}};
    first.insert(first.end(), c.inputs.begin() + 2, c.inputs.begin() + static_cast<std::ptrdiff_t>(in.own));
    std::vector<ValueInfo> results = bodyOutputs(c, in, first);
    if (results.empty()) {
        return std::vector<ValueInfo>(in.body.outputs().size() - 1);
    }
    results.erase(results.begin());
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i + 2 >= in.own) {
            results[i].shape.insert(results[i].shape.begin(), knownTrips(c, in.body));
        } else if (results[i].shape != c.inputs[i + 2].shape) {
            results[i] = {}; // grows from one iteration to the next
        }
    }
    return results;
}

Outputs evaluateLoop(const Node& node, Inputs given)
{
    const LoopInputs in(node, given.size(),
                        static_cast<std::size_t>(node.integer(kExplicitInputs, std::ssize(given))));
    const std::size_t carried = in.own - 2;
    const std::int64_t trips =
        hasInput(given, 0) ? firstInteger(node, given[0]) : std::numeric_limits<std::int64_t>::max();
    bool goesOn = !hasInput(given, 1) || firstInteger(node, given[1]) != 0;
    std::vector<Tensor> values(given.begin(), given.end());
    std::vector<std::vector<Tensor>> scans(in.body.outputs().size() - 1 - carried);
    for (std::int64_t i = 0; i < trips && goesOn; ++i) {
        if (i == kMostIterations) {
            fail(node, fmt::format("the loop has not ended after {} iterations", i), ErrorKind::OutOfBudget);
        }
        values[0] = makeTensor<std::int64_t>({}, std::span(&i, 1));
        values[1] = castTo(makeTensor<std::int64_t>({}, std::vector<std::int64_t>{1}), DataType::Bool);
        std::vector<Tensor> results = evaluateReference(in.body, values);
        goesOn = firstInteger(node, results[0]) != 0;
        for (std::size_t k = 0; k < carried; ++k) {
            values[2 + k] = std::move(results[1 + k]);
        }
        for (std::size_t k = 0; k < scans.size(); ++k) {
            scans[k].push_back(std::move(results[1 + carried + k]));
        }
    }
    Outputs outputs(values.begin() + 2, values.begin() + static_cast<std::ptrdiff_t>(in.own));
    for (std::size_t k = 0; k < scans.size(); ++k) {
        outputs.push_back(stacked(node, scans[k], 0, declared(in.body, in.body.outputs()[1 + carried + k])));
    }
    return outputs;
}

// Scan: states, then sequences. Until opset 8 everything has a batch axis in front, and lengths come first.

struct ScanSizes
{
    std::size_t sequences = 0; ///< how many are read
    std::size_t states = 0;
    std::size_t scans = 0; ///< how many are written
    bool isBatched = false;
    std::size_t first = 0; ///< of the states among the inputs
};

ScanSizes scanSizes(const Node& node, const LoopInputs& in)
{
    ScanSizes s;
    s.isBatched = node.version < 9;
    s.first = s.isBatched ? 1 : 0;
    s.sequences = static_cast<std::size_t>(std::max<std::int64_t>(0, node.integer("num_scan_inputs", 0)));
    if (s.sequences == 0 || in.own < s.first + s.sequences) {
        fail(node, "num_scan_inputs does not fit its inputs", ErrorKind::InvalidModel);
    }
    s.states = in.own - s.first - s.sequences;
    if (in.body.outputs().size() < s.states) {
        fail(node, "its body does not give every state", ErrorKind::InvalidModel);
    }
    s.scans = in.body.outputs().size() - s.states;
    return s;
}

std::int64_t entry(const Node& node, const char* key, std::size_t i)
{
    const auto values = node.integers(key);
    return i < values.size() ? values[i] : 0;
}

LoopInputs scanInputs(const Node& node, std::size_t given)
{
    const auto own =
        static_cast<std::size_t>(node.integer(kExplicitInputs, static_cast<std::int64_t>(given)));
    return {node, given, own - std::min<std::size_t>(own, node.version < 9 ? 1 : 0)};
}

std::size_t scanAxis(const Node& node, std::size_t i, std::size_t rank)
{
    return static_cast<std::size_t>(normalizedAxis(entry(node, "scan_input_axes", i), rank));
}

std::vector<ValueInfo> inferScan(const InferContext& c)
{
    const LoopInputs in = scanInputs(c.node, c.inputs.size());
    const ScanSizes s = scanSizes(c.node, in);
    std::vector<ValueInfo> items;
    std::int64_t length = kDynamic;
    std::int64_t batch = kDynamic;
    for (std::size_t i = 0; i < s.states + s.sequences; ++i) {
        ValueInfo item = c.inputs[s.first + i];
        if (s.isBatched && !item.shape.empty()) {
            batch = item.shape.front();
            item.shape.erase(item.shape.begin());
        }
        if (i >= s.states) {
            const std::size_t axis = scanAxis(c.node, i - s.states, item.shape.size());
            length = item.shape[axis];
            item.shape.erase(item.shape.begin() + static_cast<std::ptrdiff_t>(axis));
        }
        items.push_back(std::move(item));
    }
    std::vector<ValueInfo> results = bodyOutputs(c, in, items);
    if (results.empty()) {
        return std::vector<ValueInfo>(in.body.outputs().size());
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        Shape& shape = results[i].shape;
        if (i >= s.states) {
            const auto axis =
                normalizedAxis(entry(c.node, "scan_output_axes", i - s.states), shape.size() + 1);
            shape.insert(shape.begin() + axis, length);
        }
        if (s.isBatched) {
            shape.insert(shape.begin(), batch);
        }
    }
    return results;
}

/// One pass over sequences without a batch axis.
Outputs scanned(const Node& node, const LoopInputs& in, const ScanSizes& s, std::vector<Tensor> values)
{
    const std::vector<Tensor> sequences(values.begin() + static_cast<std::ptrdiff_t>(s.states),
                                        values.begin() + static_cast<std::ptrdiff_t>(s.states + s.sequences));
    std::vector<std::size_t> axes;
    for (std::size_t i = 0; i < s.sequences; ++i) {
        axes.push_back(scanAxis(node, i, sequences[i].rank()));
        if (sequences[i].shape()[axes[i]] != sequences[0].shape()[axes[0]]) {
            fail(node, "its sequences differ in length");
        }
    }
    const std::int64_t length = sequences[0].shape()[axes[0]];
    std::vector<std::vector<Tensor>> scans(s.scans);
    for (std::int64_t t = 0; t < length; ++t) {
        for (std::size_t i = 0; i < s.sequences; ++i) {
            const bool isReverse = entry(node, s.isBatched ? "directions" : "scan_input_directions", i) != 0;
            values[s.states + i] = itemOf(sequences[i], axes[i], isReverse ? length - 1 - t : t);
        }
        std::vector<Tensor> results = evaluateReference(in.body, values);
        std::move(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(s.states), values.begin());
        for (std::size_t k = 0; k < s.scans; ++k) {
            scans[k].push_back(std::move(results[s.states + k]));
        }
    }
    Outputs outputs(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(s.states));
    for (std::size_t k = 0; k < s.scans; ++k) {
        if (entry(node, "scan_output_directions", k) != 0) {
            std::ranges::reverse(scans[k]);
        }
        outputs.push_back(stacked(node, scans[k], entry(node, "scan_output_axes", k),
                                  declared(in.body, in.body.outputs()[s.states + k])));
    }
    return outputs;
}

Outputs evaluateScan(const Node& node, Inputs given)
{
    const LoopInputs in = scanInputs(node, given.size());
    const ScanSizes s = scanSizes(node, in);
    if (!s.isBatched) {
        return scanned(node, in, s, {given.begin(), given.end()});
    }
    if (hasInput(given, 0)) {
        fail(node, "sequences of several lengths are not supported", ErrorKind::UnsupportedOperator);
    }
    const Tensor& leading = given[s.first];
    std::vector<std::vector<Tensor>> all(s.states + s.scans);
    for (std::int64_t b = 0; b < (leading.rank() ? leading.shape()[0] : 0); ++b) {
        std::vector<Tensor> values;
        for (std::size_t i = s.first; i < given.size(); ++i) {
            values.push_back(i < in.own ? itemOf(given[i], 0, b) : given[i]);
        }
        Outputs one = scanned(node, in, s, std::move(values));
        for (std::size_t k = 0; k < one.size(); ++k) {
            all[k].push_back(std::move(one[k]));
        }
    }
    Outputs outputs;
    for (std::size_t k = 0; k < all.size(); ++k) {
        outputs.push_back(stacked(node, all[k], 0, declared(in.body, in.body.outputs()[k])));
    }
    return outputs;
}

constexpr OperatorDefinition kLoopOperators[] = {
    {"", "Loop", 1, inferLoop, evaluateLoop},
    {"", "Scan", 8, inferScan, evaluateScan},
};

} // namespace

std::span<const OperatorDefinition> loopOperators() { return kLoopOperators; }

} // namespace core::ops
