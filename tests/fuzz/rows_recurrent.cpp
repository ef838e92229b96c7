#include "tests/fuzz/rows.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace fuzz {

namespace {

struct Sizes
{
    std::int64_t gates, directions, hidden, input, steps, batch;
    bool batchFirst;
};

Sizes drawSizes(Draw& d, std::int64_t gates)
{
    return {gates,
            d.random.pick<std::int64_t>({1, 1, 2}),
            d.random.between(1, 4),
            d.random.between(1, 4),
            d.random.between(1, 5),
            d.random.between(1, 3),
            d.opset >= 14 && d.random.chance(0.15)};
}

/// Optional inputs from B on, each left out by chance; LSTM has a cell state and peepholes besides.
Names optionalInputs(Draw& d, const Sizes& s, bool isLstm)
{
    const std::string bias = d.random.chance(0.6) ? d.weights({s.directions, 2 * s.gates * s.hidden}) : "";
    const bool hasLengths = d.random.chance(0.2);
    const std::string lengths =
        hasLengths ? d.given(drawIntegers(d.random, DataType::Int32, {s.batch}, 0, s.steps)) : "";
    const Shape state =
        s.batchFirst ? Shape{s.batch, s.directions, s.hidden} : Shape{s.directions, s.batch, s.hidden};
    const std::string hidden = d.random.chance(0.4) ? d.value(kFloat, state) : "";
    Names inputs{bias, lengths, hidden};
    if (isLstm) {
        inputs.push_back(d.random.chance(0.4) ? d.value(kFloat, state) : "");
        inputs.push_back(d.random.chance(0.2) ? d.weights({s.directions, 3 * s.hidden}) : "");
    }
    return inputs;
}

void addActivations(Draw& d, Attributes& attributes, const Sizes& s, int perDirection)
{
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < s.directions * perDirection; ++i) {
        names.emplace_back(d.random.pick({"Tanh", "Sigmoid", "Relu", "HardSigmoid", "Softsign", "LeakyRelu",
                                          "ThresholdedRelu", "Elu", "ScaledTanh", "Affine", "hardsigmoid"}));
    }
    attributes["activations"] = names;
    // consumed in order by the activations that have such a factor; ScaledTanh and Affine have no default
    const auto count = [&](std::initializer_list<std::string_view> types) {
        return std::ranges::count_if(names, [&](const std::string& name) {
            return std::ranges::find(types, std::string_view(name)) != types.end();
        });
    };
    const auto factors = [&](std::ptrdiff_t wanted) {
        std::vector<float> values;
        for (std::ptrdiff_t i = 0; i < wanted; ++i) {
            values.push_back(static_cast<float>(d.random.between(1, 9)) / 8.0f);
        }
        return values;
    };
    const bool isGiven = d.random.chance(0.7) || count({"ScaledTanh", "Affine"}) > 0;
    const auto alphas =
        count({"HardSigmoid", "hardsigmoid", "LeakyRelu", "ThresholdedRelu", "Elu", "ScaledTanh", "Affine"});
    const auto betas = count({"HardSigmoid", "hardsigmoid", "ScaledTanh", "Affine"});
    if (isGiven && alphas > 0) {
        attributes["activation_alpha"] = factors(alphas);
    }
    if (isGiven && betas > 0) {
        attributes["activation_beta"] = factors(betas);
    }
}

void drawRecurrent(Draw& d, const Row& row)
{
    const bool isLstm = row.type == "LSTM";
    const Sizes s = drawSizes(d, isLstm ? 4 : row.type == "GRU" ? 3 : 1);
    const Shape shape = s.batchFirst ? Shape{s.batch, s.steps, s.input} : Shape{s.steps, s.batch, s.input};
    Names inputs{d.value(kFloat, shape), d.weights({s.directions, s.gates * s.hidden, s.input}),
                 d.weights({s.directions, s.gates * s.hidden, s.hidden})};
    const Names more = optionalInputs(d, s, isLstm);
    inputs.insert(inputs.end(), more.begin(), more.end());
    Attributes attributes{{"hidden_size", s.hidden}};
    if (s.directions == 2) {
        attributes["direction"] = std::string("bidirectional");
    } else if (d.random.chance(0.5)) {
        attributes["direction"] = std::string(d.random.pick({"forward", "reverse"}));
    }
    if (d.random.chance(0.15)) {
        addActivations(d, attributes, s, isLstm ? 3 : row.type == "GRU" ? 2 : 1);
    }
    if (d.random.chance(0.15)) {
        attributes["clip"] = 0.7f;
    }
    if (row.type == "GRU" && d.random.chance(0.5)) {
        attributes["linear_before_reset"] = d.random.between(0, 1);
    }
    if (isLstm && d.random.chance(0.1)) {
        attributes["input_forget"] = d.random.between(0, 1);
    }
    if (s.batchFirst) {
        attributes["layout"] = std::int64_t{1};
    }
    d.node(std::string(row.type), inputs, attributes, static_cast<int>(d.random.between(1, isLstm ? 3 : 2)));
}

constexpr Row kRecurrentRows[] = {
    {"", "RNN", 7, drawRecurrent, true},
    {"", "GRU", 7, drawRecurrent, true},
    {"", "LSTM", 7, drawRecurrent, true},
};

} // namespace

std::span<const Row> recurrentRows() { return kRecurrentRows; }

} // namespace fuzz
