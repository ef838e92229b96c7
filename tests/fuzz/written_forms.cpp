#include "tests/fuzz/written_forms.h"

#include "tests/fuzz/random.h"

#include <algorithm>
#include <cmath>

namespace fuzz {

namespace {

constexpr int kFirstOpset = 10; // that has Q/DQ
constexpr int kFirstDynamicOpset = 11;
constexpr int kFirstOpsetOfAxes = 13;

bool isRewritable(const DrawnGraph& graph)
{
    return graph.opset >= kFirstOpset
        && std::ranges::none_of(graph.nodes, [](const DrawnNode& node) { return !node.bodies.empty(); });
}

/// How weights are written: one scale, or one per index of an axis; int8 around 0, or uint8.
struct WeightForm
{
    std::optional<std::size_t> axis;
    bool isCountedBack = false; ///< the axis is written as a negative number
    bool isUnsigned = false;
};

/// A quarter of the constants has one scale, the others one per index of an axis, most often the first or
/// the last, which are what products have their outputs on.
WeightForm weightForm(const DrawnGraph& graph, const std::string& name, std::size_t rank)
{
    std::uint64_t seed = rank; // of the name alone, so that a smaller graph keeps it
    for (const char c : name) {
        seed = seed * 31 + static_cast<unsigned char>(c);
    }
    Random random(seed);
    WeightForm form;
    form.isUnsigned = random.chance(0.2);
    if (graph.opset >= kFirstOpsetOfAxes && !random.chance(0.25)) {
        form.axis = random.chance(0.4) ? 0
            : random.chance(0.6)
            ? rank - 1
            : static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(rank) - 1));
        form.isCountedBack = random.chance(0.4);
    }
    return form;
}

struct WeightCodes
{
    core::Tensor codes;
    std::vector<float> scale;
    std::vector<std::int32_t> zeroPoint;
    std::optional<std::int64_t> axis; ///< as it is written
};

const core::Tensor* weightsOf(const DrawnGraph& graph, const std::string& name)
{
    const auto found = std::ranges::find(graph.constants, name, &DrawnConstant::name);
    const bool areWeights = found != graph.constants.end() && found->tensor.type() == core::DataType::Float32
        && found->tensor.rank() >= 2 && !found->isAlsoInput;
    if (!areWeights) {
        return nullptr;
    }
    float largest = 0.0f;
    for (const float value : found->tensor.as<float>()) {
        largest = std::max(largest, std::fabs(value));
    }
    return largest > 1e-6f && std::isfinite(largest) ? &found->tensor : nullptr;
}

WeightCodes coded(const core::Tensor& weights, const WeightForm& form)
{
    const core::Shape& shape = weights.shape();
    const auto values = weights.as<float>();
    const std::int64_t count = form.axis ? shape[*form.axis] : 1;
    std::int64_t stride = 1;
    for (std::size_t k = form.axis ? *form.axis + 1 : shape.size(); k < shape.size(); ++k) {
        stride *= shape[k];
    }
    const auto channelOf = [&](std::size_t i) {
        return form.axis ? static_cast<std::size_t>(static_cast<std::int64_t>(i) / stride % count) : 0;
    };
    WeightCodes result;
    result.scale.assign(static_cast<std::size_t>(count), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i) {
        float& scale = result.scale[channelOf(i)];
        scale = std::max(scale, std::fabs(values[i]) / 127.0f);
    }
    for (std::size_t c = 0; c < result.scale.size(); ++c) {
        result.scale[c] = result.scale[c] > 1e-8f ? result.scale[c] : 1.0f;
        result.zeroPoint.push_back(form.isUnsigned ? 128 : 0);
    }
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t c = channelOf(i);
        codes.push_back(static_cast<std::int32_t>(std::nearbyint(values[i] / result.scale[c]))
                        + result.zeroPoint[c]);
    }
    result.codes = core::castTo(core::makeTensor<std::int32_t>(shape, codes),
                                form.isUnsigned ? core::DataType::UInt8 : core::DataType::Int8);
    if (form.axis) {
        result.axis = static_cast<std::int64_t>(*form.axis) - (form.isCountedBack ? std::ssize(shape) : 0);
    }
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
                    input = weightsOf(m_source, input) ? behindPair(input) : input;
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
            const bool isProduct = node.inputs.size() == 2 && node.domain.empty()
                && (node.type == "MatMul" || node.type == "Conv");
            const core::Tensor* weights = isProduct ? weightsOf(m_source, node.inputs[1]) : nullptr;
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

    std::string scaleConstant(const std::string& name, const WeightCodes& w)
    {
        const core::Shape shape = w.axis ? core::Shape{std::ssize(w.scale)} : core::Shape{};
        return constant(name, core::makeTensor<float>(shape, w.scale));
    }

    std::string zeroConstant(const std::string& name, const WeightCodes& w)
    {
        const core::Shape shape = w.axis ? core::Shape{std::ssize(w.zeroPoint)} : core::Shape{};
        return constant(name,
                        core::castTo(core::makeTensor<std::int32_t>(shape, w.zeroPoint), w.codes.type()));
    }

    /// A pair of its own for every reader.
    std::string behindPair(const std::string& name)
    {
        const std::string to = name + "/read" + std::to_string(m_pairs++);
        if (const core::Tensor* weights = weightsOf(m_source, name)) {
            const WeightCodes w = coded(*weights, weightForm(m_source, name, weights->rank()));
            add("DequantizeLinear",
                {constant(to + "/codes", w.codes), scaleConstant(to + "/scale", w),
                 zeroConstant(to + "/zero", w)},
                {to}, w.axis ? Attributes{{"axis", *w.axis}} : Attributes{});
            return to;
        }
        const auto* params = paramsOf(name);
        if (!params) {
            return name;
        }
        pair(name, to, *params);
        return to;
    }

    /// Weights around 0, one scale or one per output.
    void dynamicProduct(const DrawnNode& node, const core::Tensor& weights)
    {
        const std::string& y = node.outputs[0];
        WeightForm form = weightForm(m_source, node.inputs[1], weights.rank());
        form.isUnsigned = false;
        if (form.axis) {
            form.axis = node.type == "Conv" ? 0 : weights.rank() - 1;
        }
        const WeightCodes w = coded(weights, form);
        core::Shape scaleShape = form.axis ? core::Shape{std::ssize(w.scale)} : core::Shape{};
        if (form.axis && node.type == "Conv") {
            scaleShape.insert(scaleShape.end(), weights.rank() - 2, 1);
        }
        add("DynamicQuantizeLinear", {node.inputs[0]}, {y + "/codes", y + "/scale", y + "/zero"});
        add(node.type + "Integer",
            {y + "/codes", constant(y + "/weights", w.codes), y + "/zero",
             constant(y + "/weight_zero", core::makeTensor<std::int8_t>({}, std::vector<std::int8_t>{0}))},
            {y + "/sums"}, node.attributes);
        add("Cast", {y + "/sums"}, {y + "/float"}, {{"to", std::int64_t{1}}});
        add("Mul",
            {y + "/scale", constant(y + "/weight_scale", core::makeTensor<float>(scaleShape, w.scale))},
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
