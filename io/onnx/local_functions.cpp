#include "io/onnx/local_functions.h"

#include "core/base/error.h"
#include "core/graph/operator_registry.h"
#include "io/onnx/onnx_graph_reader.h"

#include <fmt/format.h>
#include <map>
#include <onnx/onnx_pb.h>
#include <set>
#include <string>
#include <utility>

namespace io {

namespace {

using core::Error;
using core::ErrorKind;
using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
using Names = std::map<std::string, std::string>;

constexpr int kMostDepth = 64; // of functions that call functions
constexpr std::size_t kMostNodes = 1'000'000;

/// Names of one call: what its body calls its values, and what they are called around it.
class Scope
{
public:
    Scope(const onnx::FunctionProto& function, const onnx::NodeProto& call, std::string prefix)
        : m_prefix(std::move(prefix))
    {
        if (call.input_size() > function.input_size() || call.output_size() > function.output_size()) {
            throw Error(
                ErrorKind::InvalidModel,
                fmt::format("node '{}' calls the function {} with {} inputs and {} outputs, it has {} and {}",
                            call.name(), function.name(), call.input_size(), call.output_size(),
                            function.input_size(), function.output_size()));
        }
        for (int i = 0; i < function.input_size(); ++i) {
            m_names[function.input(i)] = i < call.input_size() ? call.input(i) : std::string();
        }
        for (int i = 0; i < function.output_size(); ++i) {
            const bool isWanted = i < call.output_size() && !call.output(i).empty();
            const bool isInput = m_names.contains(function.output(i));
            if (isWanted && isInput) {
                m_passed.emplace_back(m_names[function.output(i)], call.output(i));
            } else if (isWanted && !m_names.emplace(function.output(i), call.output(i)).second) {
                m_passed.emplace_back(m_names[function.output(i)], call.output(i));
            }
        }
    }

    [[nodiscard]] std::string operator()(const std::string& name) const
    {
        const auto known = m_names.find(name);
        return name.empty() ? name : known != m_names.end() ? known->second : m_prefix + name;
    }
    [[nodiscard]] const std::string& prefix() const { return m_prefix; }
    /// Inputs that are outputs as they are: from, to.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& passed() const { return m_passed; }

private:
    std::string m_prefix;
    Names m_names;
    std::vector<std::pair<std::string, std::string>> m_passed;
};

void rename(onnx::GraphProto& graph, const Scope& scope);

void rename(onnx::NodeProto& node, const Scope& scope)
{
    for (std::string& name : *node.mutable_input()) {
        name = scope(name);
    }
    for (std::string& name : *node.mutable_output()) {
        name = scope(name);
    }
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g()) {
            rename(*attribute.mutable_g(), scope);
        }
    }
}

void rename(onnx::GraphProto& graph, const Scope& scope)
{
    for (auto* infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
        for (onnx::ValueInfoProto& info : *infos) {
            info.set_name(scope(info.name()));
        }
    }
    for (onnx::TensorProto& tensor : *graph.mutable_initializer()) {
        tensor.set_name(scope(tensor.name()));
    }
    for (onnx::NodeProto& node : *graph.mutable_node()) {
        rename(node, scope);
    }
}

const onnx::AttributeProto* attributeOf(const onnx::NodeProto& node, const std::string& name)
{
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.name() == name) {
            return &attribute;
        }
    }
    return nullptr;
}

void setReferences(onnx::NodeProto& node, const onnx::NodeProto& call)
{
    for (int i = node.attribute_size() - 1; i >= 0; --i) {
        onnx::AttributeProto& attribute = *node.mutable_attribute(i);
        if (!attribute.ref_attr_name().empty()) {
            if (const auto* given = attributeOf(call, attribute.ref_attr_name())) {
                const std::string name = attribute.name();
                attribute = *given;
                attribute.set_name(name);
            } else { // left out by the call: left out here
                node.mutable_attribute()->DeleteSubrange(i, 1);
            }
        } else if (attribute.has_g()) {
            for (onnx::NodeProto& inner : *attribute.mutable_g()->mutable_node()) {
                setReferences(inner, call);
            }
        }
    }
}

class Inliner
{
public:
    explicit Inliner(const onnx::ModelProto& model)
    {
        for (const onnx::FunctionProto& function : model.functions()) {
            const std::pair key(normalizedDomain(function.domain()), function.name());
            if (!core::findOperator(key.first, key.second)) {
                m_functions[key] = &function;
            }
        }
    }

    void inlineCalls(Nodes& nodes, int depth)
    {
        Nodes result;
        for (onnx::NodeProto& node : nodes) {
            for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
                if (attribute.has_g()) {
                    inlineCalls(*attribute.mutable_g()->mutable_node(), depth);
                }
            }
            const auto found = m_functions.find({normalizedDomain(node.domain()), node.op_type()});
            if (found == m_functions.end()) {
                *result.Add() = std::move(node);
            } else {
                place(*found->second, node, depth, result);
            }
            if (static_cast<std::size_t>(result.size()) > kMostNodes) {
                throw Error(ErrorKind::OutOfBudget, "its functions make more than a million nodes");
            }
        }
        nodes.Swap(&result);
    }

private:
    void place(const onnx::FunctionProto& function, const onnx::NodeProto& call, int depth, Nodes& result)
    {
        if (depth == kMostDepth) {
            throw Error(ErrorKind::InvalidModel,
                        fmt::format("the function {} calls itself, or {} functions call one another",
                                    function.name(), kMostDepth));
        }
        const Scope scope(function, call, prefixOf(call));
        Nodes body;
        for (const onnx::NodeProto& original : function.node()) {
            onnx::NodeProto& node = *body.Add();
            node = original;
            setReferences(node, call);
            rename(node, scope);
            const std::string own = original.name().empty()
                ? fmt::format("{}_{}", original.op_type(), body.size() - 1)
                : original.name();
            node.set_name(scope.prefix() + own);
        }
        for (const auto& [from, to] : scope.passed()) {
            onnx::NodeProto& node = *body.Add();
            node.set_op_type("Identity");
            node.set_name(scope.prefix() + "Identity_" + to);
            node.add_input(from);
            node.add_output(to);
        }
        inlineCalls(body, depth + 1);
        for (onnx::NodeProto& node : body) {
            *result.Add() = std::move(node);
        }
    }

    /// Each call has its own, also where calls share a name or have none.
    std::string prefixOf(const onnx::NodeProto& call)
    {
        const std::string name =
            call.name().empty() ? fmt::format("{}_{}", call.op_type(), m_calls++) : call.name();
        std::string prefix = name + "/";
        for (int i = 2; !m_prefixes.insert(prefix).second; ++i) {
            prefix = fmt::format("{}#{}/", name, i);
        }
        return prefix;
    }

    std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*> m_functions;
    std::set<std::string> m_prefixes;
    int m_calls = 0;
};

/// What a body is written in counts for the model, too, where the model does not say itself.
void importOpsets(onnx::ModelProto& model)
{
    std::set<std::string> known;
    for (const auto& opset : model.opset_import()) {
        known.insert(normalizedDomain(opset.domain()));
    }
    for (const onnx::FunctionProto& function : model.functions()) {
        for (const auto& opset : function.opset_import()) {
            if (known.insert(normalizedDomain(opset.domain())).second) {
                *model.add_opset_import() = opset;
            }
        }
    }
}

} // namespace

void inlineLocalFunctions(onnx::ModelProto& model)
{
    if (model.functions_size() == 0) {
        return;
    }
    importOpsets(model);
    Inliner(model).inlineCalls(*model.mutable_graph()->mutable_node(), 0);
}

} // namespace io
