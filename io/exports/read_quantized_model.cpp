#include "io/exports/read_quantized_model.h"

#include "core/base/error.h"
#include "core/graph/operator_traits.h"
#include "core/network/weight_layout.h"
#include "io/exports/qdq/blocks.h"
#include "io/exports/qdq_export.h"
#include "io/onnx/onnx_reader.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace io {

namespace {

using core::Node;
using core::Tensor;
using core::ValueId;

constexpr std::array<std::string_view, 3> kSuffixes{"_QuantizeLinear_Input", "_QuantizeLinear_Output",
                                                    "_quantized"};

/// The tag that all new names of the model carry, where its own names were in the way (exportQdq).
std::string tagOf(const core::Graph& graph)
{
    for (const core::Value& value : graph.values()) {
        const std::string_view name = value.name;
        const bool isCodes = name.ends_with(kSuffixes[1]);
        if (const auto tag = exportTagAtEnd(name.substr(0, isCodes ? name.size() - kSuffixes[1].size() : 0));
            !tag.empty()) {
            return std::string(tag);
        }
    }
    return {};
}

/// The model's own name behind one that stands for its codes or its reals.
std::string plainName(const std::string& name, const std::string& tag)
{
    for (const std::string_view suffix : kSuffixes) {
        if (name.ends_with(tag + std::string(suffix))) {
            return name.substr(0, name.size() - tag.size() - suffix.size());
        }
    }
    return name;
}

/// Of reals that are quantized: names of codes are the model's own here.
std::string quantizedName(const std::string& name, const std::string& tag)
{
    return name.ends_with(tag + std::string(kSuffixes[0])) ? plainName(name, tag) : name;
}

core::CodeRange codesOf(core::DataType type)
{
    switch (type) {
    case core::DataType::Int8:
        return {-128, 127};
    case core::DataType::Int16:
        return {-32768, 32767};
    case core::DataType::UInt16:
        return {0, 65535};
    case core::DataType::Int32:
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
        return {0, 255};
    }
}

int bitsOf(core::DataType type)
{
    switch (type) {
    case core::DataType::Int16:
    case core::DataType::UInt16:
        return 16;
    case core::DataType::Int32:
        return 32;
    default:
        return 8;
    }
}

class Reader
{
public:
    explicit Reader(const core::Graph& graph, std::string_view file)
        : m_graph(graph)
        , m_file(file)
        , m_tag(tagOf(graph))
    {
        m_model.tag = m_tag;
    }

    QuantizedModel run()
    {
        for (const Node& node : m_graph.nodes()) {
            if (node.type == "QuantizeLinear") {
                addActivation(quantizedName(value(node.inputs.at(0)).name, m_tag), paramsOf(node, 1, 2));
            } else if (node.type == "DequantizeLinear") {
                addDequantized(node);
            } else {
                addOperator(node);
            }
        }
        return std::move(m_model);
    }

private:
    /// What is left out is a value without a name.
    const core::Value& value(ValueId id) const
    {
        static const core::Value none;
        return id == core::kNoValue ? none : m_graph.value(id);
    }
    /// The first output that is there: a GRU may give its last state alone.
    const core::Value& resultOf(const Node& node) const
    {
        const auto used = std::ranges::find_if(node.outputs, [](ValueId id) { return id != core::kNoValue; });
        return value(used == node.outputs.end() ? core::kNoValue : *used);
    }

    const Tensor& constant(const Node& node, std::size_t i) const
    {
        if (!node.hasInput(i) || !value(node.inputs[i]).constant) {
            throw core::Error(
                core::ErrorKind::FileFormat,
                fmt::format("{}: {} ({}): input {} is not a constant", m_file, node.name, node.type, i));
        }
        return *value(node.inputs[i]).constant;
    }

    core::QuantizationParams paramsOf(const Node& node, std::size_t scale, std::size_t zeroPoint) const
    {
        core::QuantizationParams params;
        const Tensor& scales = constant(node, scale);
        for (const double s : core::doublesOf(scales)) {
            params.scale.push_back(static_cast<float>(s));
        }
        params.zeroPoint.assign(params.scale.size(), 0);
        if (node.hasInput(zeroPoint)) {
            const Tensor& points = constant(node, zeroPoint);
            params.type = points.type();
            const auto values = core::doublesOf(points);
            for (std::size_t i = 0; i < std::min(values.size(), params.zeroPoint.size()); ++i) {
                params.zeroPoint[i] = static_cast<std::int32_t>(values[i]);
            }
        }
        params.bits = static_cast<int>(node.integer("code_bits", bitsOf(params.type)));
        params.codes = codesOf(params.type);
        if (params.bits < bitsOf(params.type)) {
            const int half = 1 << (params.bits - 1);
            params.codes =
                params.codes.lowest < 0 ? core::CodeRange{-half, half - 1} : core::CodeRange{0, 2 * half - 1};
        }
        if (scales.rank() > 0 && params.scale.size() > 1) {
            params.axis = static_cast<int>(node.integer("axis", 1));
        }
        return params;
    }

    void addActivation(const std::string& tensor, const core::QuantizationParams& params)
    {
        if (!m_model.table.activation(tensor)) {
            m_model.table.activations.push_back({tensor, {}, params, {}, false});
        }
    }

    void addDequantized(const Node& node)
    {
        const core::Value& codes = value(node.inputs.at(0));
        if (!codes.constant) {
            addActivation(plainName(codes.name, m_tag), paramsOf(node, 1, 2));
            return;
        }
        const Node* const reader = readerOf(node.outputs.at(0));
        const std::string op = reader ? reader->name : std::string();
        auto params = paramsOf(node, 1, 2);
        if (params.axis) {
            params.axis = static_cast<int>(core::normalizedAxis(*params.axis, codes.constant->rank()));
        }
        if (codes.constant->type() == core::DataType::Int32) {
            m_model.biases.emplace(op, *codes.constant);
            m_model.biasParams.emplace(op, std::move(params));
        } else {
            m_model.weights.emplace(op, *codes.constant);
            if (node.integer("block_size", 0) > 0) {
                params = groupsOf(node, *codes.constant, params);
            }
            m_model.table.weights.push_back({plainName(codes.name, m_tag), op, std::move(params), {}, false});
        }
    }

    /// The first node that reads a value; Max of one tensor is looked through.
    const Node* readerOf(ValueId id) const
    {
        while (!value(id).consumers.empty()) {
            const Node& node = m_graph.node(value(id).consumers.front());
            if (node.type != "Max" || node.inputs.size() != 1) {
                return &node;
            }
            id = node.outputs.at(0);
        }
        return nullptr;
    }

    /// Blocks along the source channels of the operator that reads the weights, as [channel][group].
    core::QuantizationParams groupsOf(const Node& node, const Tensor& codes,
                                      const core::QuantizationParams& blocked) const
    {
        const Node* const reader = readerOf(node.outputs.at(0));
        const auto refuse = [&](const std::string& why) {
            throw core::Error(core::ErrorKind::FileFormat, fmt::format("{}: {}: {}", m_file, node.name, why));
        };
        if (!reader || !core::isLinear(reader->type)) {
            refuse("blocks of what is not the weights of a linear operator");
        }
        const std::int64_t size = node.integer("block_size", 0);
        const auto axis =
            static_cast<std::size_t>(core::normalizedAxis(node.integer("axis", 1), codes.rank()));
        const BlockLayout blocks(codes.shape(), axis, size);
        if (static_cast<std::int64_t>(blocked.scale.size()) != core::elementCount(blocks.shape())) {
            refuse(fmt::format("{} scales where blocks of {} take {}", blocked.scale.size(), size,
                               core::elementCount(blocks.shape())));
        }
        const core::WeightLayout layout(*reader, codes);
        const std::size_t perChannel =
            (layout.sources() + static_cast<std::size_t>(size) - 1) / static_cast<std::size_t>(size);
        core::QuantizationParams params = blocked;
        params.axis = layout.axis();
        params.group = static_cast<int>(size);
        params.scale.assign(layout.channels() * perChannel, 0.0f);
        params.zeroPoint.assign(params.scale.size(), 0);
        for (std::size_t i = 0; i < static_cast<std::size_t>(codes.count()); ++i) {
            const std::size_t slot =
                layout.channelOf(i) * perChannel + layout.sourceOf(i) / static_cast<std::size_t>(size);
            const std::size_t block = blocks.blockOf(i);
            const bool isNew = params.scale[slot] == 0.0f;
            if (!isNew
                && (params.scale[slot] != blocked.scale[block]
                    || params.zeroPoint[slot] != blocked.zeroPoint[block])) {
                refuse("its blocks are not groups of source channels");
            }
            params.scale[slot] = blocked.scale[block];
            params.zeroPoint[slot] = blocked.zeroPoint[block];
        }
        return params;
    }

    /// Positions of (codes, scale, zero point) of the data and weight inputs and of (scale, zero point) of
    /// the output.
    void addOperator(const Node& node)
    {
        const std::string& type = node.type;
        if (type == "QLinearConv" || type == "QLinearMatMul") {
            addWeights(node, 3);
            addActivation(plainName(resultOf(node).name, m_tag), paramsOf(node, 6, 7));
            addBias(node, 8);
        } else if (type == "QGemm") {
            addWeights(node, 3);
            addActivation(plainName(resultOf(node).name, m_tag), paramsOf(node, 7, 8));
            addBias(node, 6);
        } else if (type == "QLinearAdd" || type == "QLinearMul") {
            addWeights(node, 0);
            addWeights(node, 3);
            addActivation(plainName(resultOf(node).name, m_tag), paramsOf(node, 6, 7));
        } else if (type.starts_with("QLinear") && type != "QLinearConcat") {
            addActivation(plainName(resultOf(node).name, m_tag), paramsOf(node, 3, 4));
        } else if (type == "QLinearConcat") {
            addActivation(plainName(resultOf(node).name, m_tag), paramsOf(node, 0, 1));
        }
        moveParams(node);
        if (type == "Max" && node.inputs.size() == 1) {
            return; // keeps weights in blocks, or float, from being fused: no operator of the network
        }
        // A weight that stays float keeps its operator float, whatever its data input comes from.
        const bool isFloat = core::isLinear(type) ? !m_model.weights.contains(node.name)
                                                  : !type.starts_with("QLinear") && type != "QGemm"
                && std::ranges::all_of(node.inputs, [this](ValueId id) {
                       return id == core::kNoValue || (!isQuantized(id) && !followsQuantized(id));
                   });
        m_model.table.operators.push_back({node.name, type, resultOf(node).name, isFloat, {}, false, {}});
    }

    /// Whether an operator that is not float writes it: what follows is part of the same integer operator.
    bool followsQuantized(ValueId id) const
    {
        const auto& producer = value(id).producer;
        const OperatorEncoding* before = producer ? m_model.table.op(m_graph.node(*producer).name) : nullptr;
        return before && !before->isFloat;
    }

    /// MaxPool, Reshape, … on codes: params pass through.
    void moveParams(const Node& node)
    {
        constexpr std::string_view kCodes = "_QuantizeLinear_Output";
        if (!node.hasInput(0) || !value(node.inputs[0]).name.ends_with(kCodes)
            || node.type.starts_with("Q")) {
            return;
        }
        const std::string& to = resultOf(node).name;
        const TensorEncoding* from = m_model.table.activation(plainName(value(node.inputs[0]).name, m_tag));
        if (to.ends_with(kCodes) && from) {
            addActivation(plainName(to, m_tag), core::QuantizationParams(from->params));
        }
    }

    /// Dequantized, or codes that an operator moves.
    bool isQuantized(ValueId id) const
    {
        const auto& producer = value(id).producer;
        const std::string type = producer ? m_graph.node(*producer).type : std::string();
        return type == "DequantizeLinear" || value(id).name.ends_with("_QuantizeLinear_Output");
    }

    void addWeights(const Node& node, std::size_t i)
    {
        if (!node.hasInput(i) || !value(node.inputs[i]).constant) {
            return;
        }
        auto params = paramsOf(node, i + 1, i + 2);
        if (params.axis) {
            params.axis = node.type == "QLinearConv" || node.integer("transB", 0) != 0 ? 0 : 1;
        }
        m_model.weights.emplace(node.name, *value(node.inputs[i]).constant);
        m_model.table.weights.push_back(
            {plainName(value(node.inputs[i]).name, m_tag), node.name, std::move(params), {}, false});
    }

    void addBias(const Node& node, std::size_t i)
    {
        if (node.hasInput(i) && value(node.inputs[i]).constant) {
            m_model.biases.emplace(node.name, *value(node.inputs[i]).constant);
        }
    }

    const core::Graph& m_graph;
    std::string_view m_file;
    std::string m_tag;
    QuantizedModel m_model;
};

} // namespace

std::string_view exportTagAtEnd(std::string_view name)
{
    const std::size_t last = name.find_last_not_of("0123456789");
    const std::string_view bare = name.substr(0, last == std::string_view::npos ? 0 : last + 1);
    return bare.ends_with(kExportTag) ? name.substr(bare.size() - kExportTag.size()) : std::string_view();
}

QuantizedModel readQuantizedModel(std::string_view bytes, std::string_view file)
{
    const OnnxModel model = readOnnxBytes(bytes, std::string(file));
    return Reader(model.graph, file).run();
}

} // namespace io
