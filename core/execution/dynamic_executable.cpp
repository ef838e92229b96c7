#include "core/execution/dynamic_executable.h"

#include "core/execution/executable_support.h"
#include "core/graph/operator_traits.h"
#include "core/network/window_shapes.h"
#include "kernels/int8/quantized_convolution.h"
#include "kernels/int8/quantized_matmul.h"
#include "kernels/shape/post_operation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace core {

namespace {

/// Codes in, accumulators out.
using Product = std::function<void(std::span<const std::byte>, std::span<std::byte>)>;

/// Kernels are packed for one zero point. Data ≥ 0 always has the same; of others the last few are kept.
class Products
{
public:
    explicit Products(std::function<Product(std::int32_t)> make)
        : m_make(std::move(make))
    {
    }

    Product get(std::int32_t zeroPoint)
    {
        constexpr std::size_t kMost = 8;
        {
            const std::lock_guard lock(m_mutex);
            for (const auto& [known, product] : m_products) {
                if (known == zeroPoint) {
                    return product;
                }
            }
        }
        Product product = m_make(zeroPoint);
        const std::lock_guard lock(m_mutex);
        if (m_products.size() == kMost) {
            m_products.erase(m_products.begin());
        }
        m_products.emplace_back(zeroPoint, product);
        return product;
    }

private:
    std::function<Product(std::int32_t)> m_make;
    std::mutex m_mutex; // guards m_products
    std::vector<std::pair<std::int32_t, Product>> m_products;
};

/// What the accumulators become.
struct Epilogue
{
    std::vector<float> weightScale; ///< one per channel
    std::vector<float> bias; ///< one per channel, or empty
    kernels::Activation activation;
    std::size_t channels = 1;

    /// dst and residual have the channel last.
    void apply(std::span<const std::int32_t> acc, float srcScale, const Tensor& residual,
               std::span<float> dst) const
    {
        const auto added = residual.isDefined() ? residual.as<float>() : std::span<const float>{};
        for (std::size_t i = 0; i < dst.size(); ++i) {
            const std::size_t c = i % channels;
            const float scale = srcScale * weightScale[weightScale.size() == 1 ? 0 : c];
            const float sum = scale * static_cast<float>(acc[i]) + (bias.empty() ? 0.0f : bias[c])
                + (added.empty() ? 0.0f : added[i]);
            dst[i] = kernels::apply(activation, sum);
        }
    }
};

std::vector<float> biasOf(const Operator& op, std::size_t channels)
{
    if (op.constants.size() < 3 || !op.constants[2]) {
        return {};
    }
    const auto given = op.constants[2]->as<float>();
    return given.size() == 1 ? std::vector<float>(channels, given[0])
                             : std::vector<float>(given.begin(), given.end());
}

kernels::IntegerBackend integerBackend(const ResolvedOperator& resolved)
{
    return resolved.backend == Backend::Real ? kernels::IntegerBackend::Fastest
                                             : kernels::IntegerBackend::Own;
}

template <typename Kernel>
Product productOf(std::shared_ptr<const Kernel> kernel)
{
    return [kernel = std::move(kernel)](std::span<const std::byte> src, std::span<std::byte> dst) {
        kernel->execute(src, dst);
    };
}

/// The format of the codes at scale 1: accumulators do not depend on the scale.
kernels::QuantizedFormat codesOf(const QuantizationParams& params, std::int32_t zeroPoint)
{
    kernels::QuantizedFormat format = formatOf(params);
    format.scale = 1.0f;
    format.zeroPoint = zeroPoint;
    return format;
}

kernels::QuantizedFormat accumulators()
{
    kernels::QuantizedFormat format;
    format.type = kernels::ElementType::S32;
    return format;
}

} // namespace

Executable compileDynamic(const OperatorGraph& graph, OperatorId id, const ResolvedPlan& plan)
{
    const Operator& op = graph.at(id);
    const ResolvedOperator& resolved = plan.operators[indexOf(id)];
    const ResolvedValue source = *plan.values[indexOf(op.inputs[0])];
    const auto weights = resolved.weights;
    const auto backend = integerBackend(resolved);
    const bool hasWindows = isConvolution(op.type);
    const Shape dstShape = graph.value(op.outputs[0]).shape;

    std::function<Product(std::int32_t)> make;
    if (hasWindows) {
        const auto shape = convolutionShapeOf(graph, op);
        make = [=](std::int32_t zeroPoint) {
            kernels::QuantizedConvolutionSpec spec;
            spec.shape = shape;
            spec.weights = weights->codes;
            spec.weightScale = weights->channelScale;
            spec.src = codesOf(source.params, zeroPoint);
            spec.dst = accumulators();
            return productOf(std::make_shared<const kernels::QuantizedConvolution>(spec, backend));
        };
    } else {
        const kernels::MatMulShape shape = matMulShapeOf(graph, op);
        make = [=](std::int32_t zeroPoint) {
            kernels::QuantizedMatMulSpec spec;
            spec.shape = shape;
            spec.b = std::as_bytes(std::span(weights->codes));
            spec.bScale = weights->channelScale;
            spec.bZeroPoint = weights->params.zeroPoint;
            spec.a = codesOf(source.params, zeroPoint);
            spec.dst = accumulators();
            return productOf(std::make_shared<const kernels::QuantizedMatMul>(spec, backend));
        };
    }
    const Layout layout = hasWindows ? Layout::ChannelsLast : Layout::RowMajor;
    Epilogue epilogue{weights->channelScale, {}, op.activation, 1};
    epilogue.channels = static_cast<std::size_t>(hasWindows ? dstShape[1] : dstShape.back());
    epilogue.bias = biasOf(op, epilogue.channels);
    if (!weights->biasShift.empty()) {
        epilogue.bias.resize(epilogue.channels, 0.0f);
        std::ranges::transform(epilogue.bias, weights->biasShift, epilogue.bias.begin(), std::plus<>{});
    }
    for (const std::int32_t c : weights->dead.results) {
        if (!epilogue.bias.empty()) {
            epilogue.bias[static_cast<std::size_t>(c)] = 0.0f;
        }
    }
    std::optional<QuantizationParams> residualParams;
    if (op.residual && !plan.values[indexOf(op.inputs[*op.residual])]->isDynamic) { // handed over as codes
        residualParams = plan.values[indexOf(op.inputs[*op.residual])]->params;
    }
    std::optional<QuantizationParams> dst;
    if (resolved.writesCodes) {
        dst = plan.values[indexOf(op.outputs[0])]->params;
    }
    const auto products = std::make_shared<Products>(std::move(make));
    const auto residual = op.residual;
    return {"noisefloor", "dynamic", [=](std::span<const Tensor> inputs) {
                const Tensor real = toLayout(inputs[0], layout);
                const QuantizationParams params = dynamicParams(real, source);
                const Tensor codes = quantized(real, params);
                Tensor other = residual ? toLayout(inputs[*residual], layout) : Tensor();
                if (residualParams) {
                    other = dequantized(other, *residualParams);
                }
                TensorBuilder acc(DataType::Int32, dstShape, layout);
                products->get(params.zeroPoint[0])(bytesOf(codes), bytesOf(acc));
                const Tensor sums = std::move(acc).finish();
                TensorBuilder result(DataType::Float32, dstShape, layout);
                epilogue.apply(sums.as<std::int32_t>(), params.scale[0], other, result.as<float>());
                const Tensor y = std::move(result).finish();
                return std::vector{dst ? quantized(y, *dst) : y};
            }};
}

} // namespace core
