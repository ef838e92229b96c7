#include "io/verify/conformance.h"

#include "core/base/error.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/ops/strided.h"
#include "core/graph/reference_evaluator.h"
#include "io/onnx/onnx_reader.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;
using core::Tensor;

// The tolerances of onnx.backend.test.
constexpr double kRelative = 1e-3;
constexpr double kAbsolute = 1e-7;

/// prefix_0.pb, prefix_1.pb, … of one data set.
std::vector<Tensor> readTensors(const std::filesystem::path& folder, const std::string& prefix)
{
    std::vector<Tensor> tensors;
    for (int i = 0;; ++i) {
        const auto file = folder / fmt::format("{}_{}.pb", prefix, i);
        if (!std::filesystem::exists(file)) {
            return tensors;
        }
        tensors.push_back(readTensorProto(file));
    }
}

bool isClose(double y, double expected)
{
    if (std::isnan(y) || std::isnan(expected)) {
        return std::isnan(y) && std::isnan(expected);
    }
    return y == expected || std::abs(y - expected) <= kAbsolute + kRelative * std::abs(expected);
}

/// What is wrong with a result; empty when nothing is.
std::string difference(const Tensor& y, const Tensor& expected)
{
    if (y.type() != expected.type() || y.shape() != expected.shape()) {
        return fmt::format("is {} {}, expected {} {}", core::nameOf(y.type()), core::toString(y.shape()),
                           core::nameOf(expected.type()), core::toString(expected.shape()));
    }
    const auto a = core::doublesOf(y);
    const auto b = core::doublesOf(expected);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!isClose(a[i], b[i])) {
            return fmt::format("element {} is {}, expected {}", i, a[i], b[i]);
        }
    }
    return {};
}

/// Inputs that tell what to do rather than being data: integers, conditions and single numbers.
std::map<std::string, Tensor> controlInputs(const core::Graph& graph, const std::vector<Tensor>& inputs)
{
    std::map<std::string, Tensor> constants;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!core::isFloatingPoint(inputs[i].type()) || inputs[i].rank() == 0) {
            constants[graph.value(graph.inputs()[i]).name] = inputs[i];
        }
    }
    return constants;
}

/// ONNX 1.12 keeps bfloat16 test data as its bits in uint16, and of what only gives CastLike its type one
/// element.
Tensor asDeclared(const Tensor& data, const core::Value& value)
{
    const bool areBits = value.type == core::DataType::BFloat16 && data.type() == core::DataType::UInt16;
    const Tensor typed = areBits ? Tensor(value.type, data.shape(), data.bytes()) : data;
    const bool isOne = typed.count() == 1 && value.hasShape && typed.rank() <= value.shape.size()
        && core::isStatic(value.shape);
    return isOne ? core::ops::broadcastTo(typed, value.shape) : typed;
}

/// Such a result is compared by its bits, as ONNX's own runner does: neighbouring values are within the
/// tolerance.
Tensor asStored(const Tensor& result, const Tensor& expected)
{
    const bool areBits =
        result.type() == core::DataType::BFloat16 && expected.type() == core::DataType::UInt16;
    return areBits ? Tensor(expected.type(), result.shape(), result.bytes()) : result;
}

bool fits(const Tensor& data, const core::Value& value)
{
    bool result = data.type() == value.type && (!value.hasShape || data.rank() == value.shape.size());
    for (std::size_t a = 0; result && value.hasShape && a < data.rank(); ++a) {
        result = value.shape[a] == core::kDynamic || value.shape[a] == data.shape()[a];
    }
    return result;
}

struct Bound
{
    std::shared_ptr<const core::Graph> graph;
    std::vector<Tensor> inputs;
};

/// With all inputs open; where that cannot run, with the control inputs as constants.
Bound bindToInputs(const core::Graph& graph, const std::vector<Tensor>& inputs)
{
    std::vector<core::Shape> shapes;
    for (const Tensor& input : inputs) {
        shapes.push_back(input.shape());
    }
    try {
        return {core::bindShapes(graph, shapes), inputs};
    } catch (const Error&) {
        const auto constants = controlInputs(graph, inputs);
        if (constants.empty()) {
            throw;
        }
        Bound bound{core::bindShapes(graph, shapes, constants), {}};
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!constants.contains(graph.value(graph.inputs()[i]).name)) {
                bound.inputs.push_back(inputs[i]);
            }
        }
        return bound;
    }
}

/// Shapes that were inferred must be those that came out.
std::string wrongInference(const core::Graph& graph, const std::vector<Tensor>& values)
{
    for (std::size_t v = 0; v < values.size(); ++v) {
        const core::Value& value = graph.values()[v];
        if (!values[v].isDefined() || !value.hasShape) {
            continue;
        }
        bool fits = value.type == values[v].type() && value.shape.size() == values[v].rank();
        for (std::size_t a = 0; fits && a < value.shape.size(); ++a) {
            fits = value.shape[a] == core::kDynamic || value.shape[a] == values[v].shape()[a];
        }
        if (!fits) {
            return fmt::format("'{}' was inferred as {} {}, is {} {}", value.name, core::nameOf(value.type),
                               core::toString(value.shape), core::nameOf(values[v].type()),
                               core::toString(values[v].shape()));
        }
    }
    return {};
}

std::string runDataSet(const core::Graph& graph, const std::filesystem::path& folder)
{
    auto inputs = readTensors(folder, "input");
    const auto expected = readTensors(folder, "output");
    if (inputs.size() != graph.inputs().size() || expected.size() != graph.outputs().size()) {
        return fmt::format("{}: {} inputs and {} outputs for a model with {} and {}",
                           folder.filename().string(), inputs.size(), expected.size(), graph.inputs().size(),
                           graph.outputs().size());
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const core::Value& value = graph.value(graph.inputs()[i]);
        inputs[i] = asDeclared(inputs[i], value);
        if (!fits(inputs[i], value)) {
            throw Error(ErrorKind::UnsupportedOperator,
                        fmt::format("the data of input '{}' is not what the model declares", value.name));
        }
    }
    const Bound bound = bindToInputs(graph, inputs);
    const auto values = core::evaluateReferenceValues(*bound.graph, bound.inputs);
    if (const std::string wrong = wrongInference(*bound.graph, values); !wrong.empty()) {
        return wrong;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const core::ValueId id = bound.graph->outputs()[i];
        const std::string wrong = difference(asStored(values[core::indexOf(id)], expected[i]), expected[i]);
        if (!wrong.empty()) {
            return fmt::format("output '{}' {}", bound.graph->value(id).name, wrong);
        }
    }
    return {};
}

} // namespace

std::vector<std::filesystem::path> conformanceTests(const std::filesystem::path& root)
{
    const auto isTest = [](const std::filesystem::path& folder) {
        return std::filesystem::is_regular_file(folder / "model.onnx")
            && std::filesystem::is_directory(folder / "test_data_set_0");
    };
    std::error_code error;
    std::vector<std::filesystem::path> tests;
    if (isTest(root)) {
        tests.push_back(root);
    }
    for (auto it = std::filesystem::recursive_directory_iterator(root, error);
         !error && it != std::filesystem::end(it); it.increment(error)) {
        if (it->is_directory() && isTest(it->path())) {
            tests.push_back(it->path());
        }
    }
    if (error) {
        throw Error(ErrorKind::Io, fmt::format("{}: {}", root.string(), error.message()));
    }
    std::ranges::sort(tests);
    return tests;
}

ConformanceResult runConformanceTest(const std::filesystem::path& folder)
{
    ConformanceResult result;
    result.test = folder.filename().string();
    try {
        const OnnxModel model = readOnnx(folder / "model.onnx");
        for (int set = 0;; ++set) {
            const auto data = folder / fmt::format("test_data_set_{}", set);
            if (!std::filesystem::is_directory(data)) {
                break;
            }
            result.reason = runDataSet(model.graph, data);
            if (!result.reason.empty()) {
                result.status = ConformanceStatus::Failed;
                break;
            }
        }
    } catch (const Error& error) {
        result.status = error.kind() == ErrorKind::UnsupportedOperator ? ConformanceStatus::Unsupported
                                                                       : ConformanceStatus::Failed;
        result.reason = error.what();
    }
    return result;
}

} // namespace io
