#include "tests/fuzz/rows.h"

namespace fuzz {

namespace {

/// One node on a captured value.
std::shared_ptr<const DrawnGraph> branch(const std::string& type, const Names& inputs,
                                         const std::string& result)
{
    DrawnGraph graph;
    graph.nodes.push_back({type, "", result + "_node", inputs, {result}, {}, {}});
    graph.outputs = {result};
    return std::make_shared<const DrawnGraph>(std::move(graph));
}

/// Both branches read a value from outside; the condition is constant or computed from data.
void drawIf(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 1);
    const std::string y = d.value(kFloat, d.shape(x));
    const core::Tensor choice = tensorOf(DataType::Bool, {}, {static_cast<double>(d.random.between(0, 1))});
    DrawnNode node{"If", "", d.fresh("If"), {d.given(choice)}, {d.fresh("y")}, {}, {}};
    node.bodies["then_branch"] = branch(std::string(d.random.pick({"Add", "Mul"})), {x, y}, d.fresh("then"));
    node.bodies["else_branch"] = branch(std::string(d.random.pick({"Relu", "Neg"})), {x}, d.fresh("else"));
    d.nodeWithBodies(std::move(node));
}

constexpr std::int64_t kTrips = 3;

/// x doubled by a loop-carried Add, and every step stacked.
void drawLoop(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 1, 3);
    auto body = std::make_shared<DrawnGraph>();
    body->inputs = {{"trip", {core::makeTensor<std::int64_t>({}, std::vector<std::int64_t>{0})}, false},
                    {"go", {tensorOf(DataType::Bool, {}, {1})}, false},
                    {"carried", {d.tensor(x)}, false}};
    body->nodes = {{"Identity", "", "keep", {"go"}, {"goes"}, {}, {}},
                   {"Add", "", "grow", {"carried", x}, {"grown"}, {}, {}},
                   {"Relu", "", "step", {"grown"}, {"stacked"}, {}, {}}};
    body->outputs = {"goes", "grown", "stacked"};
    DrawnNode node{"Loop",
                   "",
                   d.fresh("Loop"),
                   {d.given(core::makeTensor<std::int64_t>({}, std::vector{kTrips})),
                    d.constant(tensorOf(DataType::Bool, {}, {1})), x},
                   {d.fresh("y"), d.fresh("y")},
                   {},
                   {{"body", body}}};
    d.nodeWithBodies(std::move(node));
}

/// Running sum over the first axis.
void drawScan(Draw& d, const Row&)
{
    const std::string x = d.any(kFloat, 2, 3);
    const Shape item(d.shape(x).begin() + 1, d.shape(x).end());
    const std::string start = d.constant(drawTensor(d.random, DataType::Float32, item, Values::Zeros));
    auto body = std::make_shared<DrawnGraph>();
    body->inputs = {{"sum", {d.tensor(start)}, false}, {"next", {d.tensor(start)}, false}};
    body->nodes = {{"Add", "", "add", {"sum", "next"}, {"added"}, {}, {}},
                   {"Identity", "", "copy", {"added"}, {"out"}, {}, {}}};
    body->outputs = {"added", "out"};
    DrawnNode node{"Scan",
                   "",
                   d.fresh("Scan"),
                   {start, x},
                   {d.fresh("y"), d.fresh("y")},
                   {{"num_scan_inputs", std::int64_t{1}}},
                   {{"body", body}}};
    d.nodeWithBodies(std::move(node));
}

constexpr Row kControlRows[] = {
    {"", "If", 7, drawIf},
    {"", "Loop", 8, drawLoop, true},
    {"", "Scan", 9, drawScan, true},
};

} // namespace

std::span<const Row> controlRows() { return kControlRows; }

} // namespace fuzz
