#include "core/network/gemm_form.h"

#include "core/graph/operator_traits.h"
#include "core/network/fold_constants.h"

#include <fmt/format.h>

namespace core {

namespace {

const Tensor* constantAt(const Operator& op, std::size_t i)
{
    return i < op.constants.size() && op.constants[i] ? &*op.constants[i] : nullptr;
}

Tensor scaled(const Tensor& tensor, float factor)
{
    TensorBuilder result(DataType::Float32, tensor.shape());
    const auto src = tensor.as<float>();
    const auto dst = result.as<float>();
    for (std::size_t i = 0; i < src.size(); ++i) {
        dst[i] = static_cast<float>(static_cast<double>(factor) * src[i]);
    }
    return std::move(result).finish();
}

void foldFactor(const Graph& graph, const WrittenQuantization* written, Operator& op, std::size_t input,
                const char* key)
{
    const float factor = op.node.real(key, 1.0f);
    const Tensor* tensor = constantAt(op, input);
    if (factor == 1.0f || !tensor || tensor->type() != DataType::Float32
        || (written && written->constants.contains(graph.value(op.inputs[input]).name))) {
        return;
    }
    op.constants[input] = scaled(*tensor, factor);
    op.node.attributes.erase(key);
}

} // namespace

bool hasPlainBias(const Operator& op)
{
    if (op.inputs.size() < 3 || op.inputs[2] == kNoValue) {
        return true;
    }
    const Tensor* bias = constantAt(op, 2);
    const Tensor* weights = constantAt(op, 1);
    if (!bias || !weights || bias->type() != DataType::Float32) {
        return false;
    }
    const std::int64_t channels = outputChannels(op.node, *weights);
    const bool isRow = bias->count() == channels && bias->rank() >= 1 && bias->shape().back() == channels;
    return bias->count() == 1 || isRow;
}

void foldGemmFactors(const Graph& graph, const WrittenQuantization* written, Operator& op)
{
    if (!isGemm(op.type) || !op.node.domain.empty()) {
        return;
    }
    if (op.inputs.size() < 3 || op.inputs[2] == kNoValue) {
        op.node.attributes.erase("beta"); // a factor of nothing
    }
    foldFactor(graph, written, op, 1, "alpha");
    foldFactor(graph, written, op, 2, "beta");
}

std::string gemmObstacle(const Operator& op)
{
    if (!isGemm(op.type)) {
        return {};
    }
    if (op.node.integer("transA", 0)) {
        return "Gemm with transA has no integer form";
    }
    if (!hasPlainBias(op) && !constantAt(op, 2)) {
        return "its C is computed at run time";
    }
    if (!hasPlainBias(op)) {
        return fmt::format("its C of shape {} is a matrix, not a bias per column",
                           toString(op.constants[2]->shape()));
    }
    if (op.node.real("alpha", 1.0f) != 1.0f || op.node.real("beta", 1.0f) != 1.0f) {
        return "its alpha and beta stand outside the codes that the model holds";
    }
    return {};
}

} // namespace core
