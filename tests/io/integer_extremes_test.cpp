#include "core/base/error.h"
#include "core/execution/pipeline.h"
#include "core/graph/bind_shapes.h"
#include "core/graph/reference_evaluator.h"
#include "core/network/operator_graph.h"
#include "io/files/file.h"
#include "io/onnx/onnx_reader.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <gmock/gmock.h>
#include <limits>
#include <map>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kExtremes[] = {std::numeric_limits<std::int64_t>::min(),
                                      -1,
                                      0,
                                      std::numeric_limits<std::int64_t>::max(),
                                      std::int64_t{1} << 31,
                                      std::int64_t{1} << 62};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kMost32 = 1 << 20; ///< nothing caps the memory that a length asks for
#else
constexpr std::int64_t kMost32 = INT32_MAX;
#endif
constexpr unsigned kMostSeconds = 5;
/// How many node tests of one operator are taken.
int casesPerOperator() { return std::getenv("NOISEFLOOR_LONG") ? 3 : 1; }

/// What a size that is not refused may ask for; the sanitizers need address space of their own.
class MemoryCap
{
public:
    MemoryCap()
    {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        ::getrlimit(RLIMIT_AS, &m_before);
        rlimit capped = m_before;
        capped.rlim_cur = std::min<rlim_t>(rlim_t{4} << 30, m_before.rlim_max);
        ::setrlimit(RLIMIT_AS, &capped);
#endif
    }
    ~MemoryCap()
    {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        ::setrlimit(RLIMIT_AS, &m_before);
#endif
    }
    MemoryCap(const MemoryCap&) = delete;
    MemoryCap& operator=(const MemoryCap&) = delete;

private:
    rlimit m_before{};
};

/// A node test of ONNX: a model of one node, and its inputs.
struct NodeCase
{
    std::string test;
    onnx::ModelProto model;
    std::vector<core::Tensor> inputs;
};

std::vector<NodeCase> nodeCases(const fs::path& root)
{
    std::vector<fs::path> folders{fs::directory_iterator(root), {}};
    std::ranges::sort(folders);
    std::map<std::string, int> taken;
    std::vector<NodeCase> cases;
    for (const fs::path& folder : folders) {
        NodeCase node{folder.filename().string(), {}, {}};
        if (!node.model.ParseFromString(io::readFile(folder / "model.onnx"))
            || node.model.graph().node_size() != 1
            || taken[node.model.graph().node(0).op_type()] >= casesPerOperator()) {
            continue;
        }
        try {
            for (int i = 0; fs::exists(folder / "test_data_set_0" / fmt::format("input_{}.pb", i)); ++i) {
                node.inputs.push_back(
                    io::readTensorProto(folder / "test_data_set_0" / fmt::format("input_{}.pb", i)));
            }
        } catch (const core::Error&) {
            continue; // strings, sequences
        }
        ++taken[node.model.graph().node(0).op_type()];
        cases.push_back(std::move(node));
    }
    return cases;
}

/// Binds with integer inputs as constants (they tell what to do) or open, and runs the readable evaluation
/// and the compiled operators. "ran", "refused", or what is wrong.
std::string outcome(const NodeCase& node, const std::vector<core::Tensor>& inputs, bool isConstant)
{
    try {
        const io::OnnxModel model = io::readOnnxBytes(node.model.SerializeAsString(), "model.onnx");
        std::vector<core::Shape> shapes;
        std::map<std::string, core::Tensor> constants;
        core::Sample open;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            shapes.push_back(inputs[i].shape());
            if (isConstant && !core::isFloatingPoint(inputs[i].type())) {
                constants[model.graph.value(model.graph.inputs().at(i)).name] = inputs[i];
            } else {
                open.inputs.push_back(inputs[i]);
            }
        }
        const auto graph = core::bindShapes(model.graph, shapes, constants);
        static_cast<void>(core::evaluateReference(*graph, open.inputs));
        if (core::hasStaticShapes(*graph)) {
            static_cast<void>(core::Pipeline(core::fuseOperators(graph, {})).runFloat(open));
        }
        return "ran";
    } catch (const core::Error& error) {
        const std::string message = error.what();
        for (const std::string& name :
             {node.model.graph().node(0).op_type(), std::string("model.onnx"), std::string("input '"),
              std::string("value '"), std::string("output '")}) {
            if (message.find(name) != std::string::npos) {
                return "refused";
            }
        }
        return "an error that names nothing: " + message;
    } catch (const std::exception& error) {
        return std::string("an internal error: ") + error.what();
    }
}

/// One change of a case: what it is in words, the case, and whether its integer inputs are constants.
using Change = std::function<void(const std::string&, const NodeCase&, bool)>;

struct Tally
{
    int ran = 0;
    int refused = 0;
    std::vector<std::string> faults;
};

/// Tries every change of a case in a child process, which may crash or hang.
void tryAll(const NodeCase& node, const std::function<void(const NodeCase&, const Change&)>& changes,
            Tally& tally)
{
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipes[0]);
        std::FILE* out = ::fdopen(pipes[1], "w");
        changes(node, [&](const std::string& what, const NodeCase& changed, bool isConstant) {
            std::fputs((what + "\n").c_str(), out);
            std::fflush(out);
            const itimerval limit{{0, 0},
                                  {kMostSeconds, 0}}; // of processor time, however busy the machine is
            ::setitimer(ITIMER_PROF, &limit, nullptr);
            ::alarm(20 * kMostSeconds);
            std::string result = outcome(changed, changed.inputs, isConstant);
            std::ranges::replace(result, '\n', ' ');
            std::fputs((result + "\n").c_str(), out);
        });
        std::fclose(out);
        ::_exit(0);
    }
    ::close(pipes[1]);
    std::string text;
    char part[4096];
    for (ssize_t count = 0; (count = ::read(pipes[0], part, sizeof(part))) > 0;) {
        text.append(part, static_cast<std::size_t>(count));
    }
    ::close(pipes[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::istringstream lines(text);
    std::string what;
    for (std::string result; std::getline(lines, what);) {
        if (!std::getline(lines, result)) {
            result = fmt::format("ended by status {}", status);
        }
        tally.ran += result == "ran";
        tally.refused += result == "refused";
        if (result != "ran" && result != "refused") {
            tally.faults.push_back(fmt::format("{}: {}: {}", node.test, what, result));
        }
    }
    if (status != 0 && tally.faults.empty()) {
        tally.faults.push_back(fmt::format("{}: status {}", node.test, status));
    }
}

class IntegerExtremes : public testing::Test
{
protected:
    void SetUp() override
    {
        const fs::path root = "/usr/share/libonnx-testdata/data/node";
        if (!fs::is_directory(root)) {
            GTEST_SKIP() << "no ONNX test data: install libonnx-testdata";
        }
        m_cases = nodeCases(root);
    }
    const MemoryCap m_cap;
    std::vector<NodeCase> m_cases;
};

void setIntegers(onnx::NodeProto& node, const onnx::OpSchema::Attribute& schema,
                 const std::function<void(onnx::AttributeProto&)>& set)
{
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.name() == schema.name) {
            set(attribute);
            return;
        }
    }
    onnx::AttributeProto& added = *node.add_attribute();
    added.set_name(schema.name);
    added.set_type(schema.type);
    set(added);
}

/// Every integer attribute that ONNX's schema knows, one entry at a time and all at once.
void changeAttributes(const NodeCase& node, const Change& tryIt)
{
    const onnx::NodeProto& proto = node.model.graph().node(0);
    const int version = static_cast<int>(node.model.opset_import(0).version());
    const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(proto.op_type(), version, proto.domain());
    if (schema == nullptr) {
        return;
    }
    for (const auto& [name, attribute] : schema->attributes()) {
        for (const std::int64_t extreme : kExtremes) {
            NodeCase changed = node;
            onnx::NodeProto& target = *changed.model.mutable_graph()->mutable_node(0);
            if (attribute.type == onnx::AttributeProto::INT) {
                setIntegers(target, attribute, [&](onnx::AttributeProto& a) { a.set_i(extreme); });
                tryIt(fmt::format("{} = {}", name, extreme), changed, true);
            } else if (attribute.type == onnx::AttributeProto::INTS) {
                int entries = 0;
                setIntegers(target, attribute, [&](onnx::AttributeProto& a) {
                    while (a.ints_size() == 0 || (a.ints_size() < 2 && name != "axes")) {
                        a.add_ints(1);
                    }
                    entries = a.ints_size();
                });
                for (int at = 0; at <= std::min(entries, 4); ++at) {
                    NodeCase one = changed;
                    setIntegers(*one.model.mutable_graph()->mutable_node(0), attribute,
                                [&](onnx::AttributeProto& a) {
                                    for (int i = 0; i < a.ints_size(); ++i) {
                                        a.set_ints(i, at == entries || at == i ? extreme : a.ints(i));
                                    }
                                });
                    tryIt(fmt::format("{}[{}] = {}", name, at, extreme), one, true);
                }
            }
        }
    }
}

/// Integer inputs (starts, pads, axes, indices, shapes, lengths…), known when the graph is bound and not.
void changeInputs(const NodeCase& node, const Change& tryIt)
{
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const core::DataType type = node.inputs[i].type();
        const bool isLong = type == core::DataType::Int64;
        const auto count = std::min<std::size_t>(3, static_cast<std::size_t>(node.inputs[i].count()));
        for (std::size_t at = 0; (isLong || type == core::DataType::Int32) && at < count; ++at) {
            for (const std::int64_t extreme : kExtremes) {
                auto values = core::integersOf(node.inputs[i]);
                values[at] = isLong ? extreme : std::clamp<std::int64_t>(extreme, INT32_MIN, kMost32);
                NodeCase changed = node;
                changed.inputs[i] =
                    core::castTo(core::makeTensor<std::int64_t>(node.inputs[i].shape(),
                                                                std::span<const std::int64_t>(values)),
                                 type);
                for (const bool isConstant : {true, false}) {
                    tryIt(fmt::format("input {}[{}] = {}", i, at, extreme), changed, isConstant);
                }
            }
        }
    }
}

void expectResultsOrErrors(const std::vector<NodeCase>& cases,
                           const std::function<void(const NodeCase&, const Change&)>& changes)
{
    Tally tally;
    for (const NodeCase& node : cases) {
        tryAll(node, changes, tally);
    }
    for (const std::string& fault : tally.faults) {
        ADD_FAILURE() << fault;
    }
    EXPECT_GT(tally.ran, 100);
    EXPECT_GT(tally.refused, 100);
}

TEST_F(IntegerExtremes, OfAttributesGiveAResultOrAnErrorThatNamesTheNode)
{
    expectResultsOrErrors(m_cases, changeAttributes);
}

TEST_F(IntegerExtremes, OfInputsGiveAResultOrAnErrorThatNamesTheNode)
{
    expectResultsOrErrors(m_cases, changeInputs);
}

} // namespace
