#include "tests/fuzz/written_forms.h"

#include <algorithm>
#include <cmath>

namespace fuzz {

namespace {

constexpr int kFirstOpset = 10; // that has Q/DQ
constexpr int kFirstDynamicOpset = 11;

bool isRewritable(const DrawnGraph& graph)
{
    return graph.opset >= kFirstOpset
        && std::ranges::none_of(graph.nodes, [](const DrawnNode& node) { return !node.bodies.empty(); });
}

/// Codes of constant weights: symmetric, int8, one scale.
struct WeightCodes
{
    core::Tensor codes;
    float scale = 1.0f;
};

std::optional<WeightCodes> weightCodesOf(const DrawnGraph& graph, const std::string& name)
{
    const auto found = std::ranges::find(graph.constants, name, &DrawnConstant::name);
    if (found == graph.constants.end() || found->tensor.type() != core::DataType::Float32
        || found->tensor.rank() < 2 || found->isAlsoInput) {
        return std::nullopt;
    }
    const auto values = found->tensor.as<float>();
    float largest = 0.0f;
    for (const float value : values) {
        largest = std::max(largest, std::fabs(value));
    }
    if (!(largest > 1e-6f) || !std::isfinite(largest)) {
        return std::nullopt;
    }
    WeightCodes result{{}, largest / 127.0f};
    std::vector<std::int8_t> codes;
    std::ranges::transform(values, std::back_inserter(codes), [&](float value) {
        return static_cast<std::int8_t>(std::nearbyint(value / result.scale));
    });
    result.codes = core::makeTensor<std::int8_t>(found->tensor.shape(), codes);
    return result;
}

class Writer
{
public:
    Writer(const DrawnGraph& source, const Quantized* q)
        : m_source(source)
        , m_q(q)
        , m_result(source)
    {
        m_result.nodes.clear();
        m_result.forms.clear();
    }

    DrawnGraph pairs(PairsAt at)
    {
        for (DrawnNode node : m_source.nodes) {
            if (at != PairsAt::Outputs) {
                for (std::string& input : node.inputs) {
                    input = behindPair(input);
                }
            } else {
                for (std::string& input : node.inputs) {
                    input = weightCodesOf(m_source, input) ? behindPair(input) : input;
                }
            }
            std::vector<std::pair<std::string, std::string>> raw;
            for (std::string& output : node.outputs) {
                if (at != PairsAt::Inputs && paramsOf(output)) {
                    raw.emplace_back(output + "/raw", output);
                    output = raw.back().first;
                }
            }
            m_result.nodes.push_back(std::move(node));
            for (const auto& [from, to] : raw) {
                pair(from, to, *paramsOf(to));
            }
        }
        return m_result;
    }

    bool dynamicProducts()
    {
        bool any = false;
        for (const DrawnNode& node : m_source.nodes) {
            const auto weights = node.inputs.size() == 2 && node.domain.empty()
                    && (node.type == "MatMul" || node.type == "Conv")
                ? weightCodesOf(m_source, node.inputs[1])
                : std::nullopt;
            if (weights && isReal(node.inputs[0])) {
                dynamicProduct(node, *weights);
                any = true;
            } else {
                m_result.nodes.push_back(node);
            }
        }
        return any;
    }

    [[nodiscard]] DrawnGraph result() const { return m_result; }

private:
    /// Inputs and results of nodes of one of our FP32 types.
    [[nodiscard]] bool isReal(const std::string& name) const
    {
        const auto input = std::ranges::find(m_source.inputs, name, &DrawnInput::name);
        if (input != m_source.inputs.end()) {
            return input->samples[0].type() == core::DataType::Float32;
        }
        return std::ranges::find(m_source.constants, name, &DrawnConstant::name) == m_source.constants.end();
    }

    /// Of an activation; per tensor.
    [[nodiscard]] const core::QuantizationParams* paramsOf(const std::string& name) const
    {
        const auto id = name.empty() ? std::nullopt : m_q->graph->graph->findValue(name);
        if (!id) {
            return nullptr;
        }
        const core::Value& value = m_q->graph->value(*id);
        const auto& resolved = m_q->resolved.values[core::indexOf(*id)];
        const bool isFine = value.type == core::DataType::Float32 && !value.constant && resolved
            && resolved->params.scale.size() == 1 && resolved->params.bits == 8;
        return isFine ? &resolved->params : nullptr;
    }

    std::string constant(const std::string& name, core::Tensor tensor)
    {
        m_result.constants.push_back({name, std::move(tensor), false});
        return name;
    }

    void add(const std::string& type, Names inputs, Names outputs, Attributes attributes = {})
    {
        DrawnNode node;
        node.type = type;
        node.name = outputs[0] + "/" + type;
        node.inputs = std::move(inputs);
        node.outputs = std::move(outputs);
        node.attributes = std::move(attributes);
        m_result.nodes.push_back(std::move(node));
    }

    void pair(const std::string& from, const std::string& to, const core::QuantizationParams& params)
    {
        const std::string scale =
            constant(to + "/scale", core::makeTensor<float>({}, std::span<const float>(params.scale)));
        const std::string zero = constant(
            to + "/zero",
            core::castTo(core::makeTensor<std::int32_t>({}, std::span<const std::int32_t>(params.zeroPoint)),
                         params.type));
        add("QuantizeLinear", {from, scale, zero}, {to + "/codes"});
        add("DequantizeLinear", {to + "/codes", scale, zero}, {to});
    }

    /// A pair of its own for every reader.
    std::string behindPair(const std::string& name)
    {
        const std::string to = name + "/read" + std::to_string(m_pairs++);
        if (const auto weights = weightCodesOf(m_source, name)) {
            add("DequantizeLinear",
                {constant(to + "/codes", weights->codes),
                 constant(to + "/scale", core::makeTensor<float>({}, std::vector{weights->scale})),
                 constant(to + "/zero", core::makeTensor<std::int8_t>({}, std::vector<std::int8_t>{0}))},
                {to});
            return to;
        }
        const auto* params = paramsOf(name);
        if (!params) {
            return name;
        }
        pair(name, to, *params);
        return to;
    }

    void dynamicProduct(const DrawnNode& node, const WeightCodes& weights)
    {
        const std::string& y = node.outputs[0];
        add("DynamicQuantizeLinear", {node.inputs[0]}, {y + "/codes", y + "/scale", y + "/zero"});
        add(node.type + "Integer",
            {y + "/codes", constant(y + "/weights", weights.codes), y + "/zero",
             constant(y + "/weight_zero", core::makeTensor<std::int8_t>({}, std::vector<std::int8_t>{0}))},
            {y + "/sums"}, node.attributes);
        add("Cast", {y + "/sums"}, {y + "/float"}, {{"to", std::int64_t{1}}});
        add("Mul",
            {y + "/scale",
             constant(y + "/weight_scale", core::makeTensor<float>({}, std::vector{weights.scale}))},
            {y + "/both"});
        add("Mul", {y + "/float", y + "/both"}, {y});
    }

    const DrawnGraph& m_source;
    const Quantized* m_q;
    DrawnGraph m_result;
    int m_pairs = 0;
};

} // namespace

std::optional<DrawnGraph> withPairs(const DrawnGraph& graph, const Quantized& q, PairsAt at)
{
    return isRewritable(graph) ? std::optional(Writer(graph, &q).pairs(at)) : std::nullopt;
}

std::optional<DrawnGraph> withDynamicProducts(const DrawnGraph& graph)
{
    Writer writer(graph, nullptr);
    const bool any = isRewritable(graph) && graph.opset >= kFirstDynamicOpset && writer.dynamicProducts();
    return any ? std::optional(writer.result()) : std::nullopt;
}

} // namespace fuzz
