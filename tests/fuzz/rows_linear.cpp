#include "tests/fuzz/rows.h"

#include <algorithm>

namespace fuzz {

namespace {

/// A value of exactly that shape, or weights as a graph computes or reads them.
std::string filter(Draw& d, const Shape& shape, DataType type)
{
    return d.random.chance(0.88) ? d.weights(shape, type) : d.value({type}, shape);
}

std::string bias(Draw& d, std::int64_t channels, DataType type)
{
    return d.random.chance(0.9) ? d.weights({channels}, type) : d.value({type}, {channels});
}

/// Strides, dilations, pads or auto_pad of a window over `spatial` axes.
Attributes window(Draw& d, std::int64_t spatial, const Ints& kernel, bool mayPadWide)
{
    Attributes attributes = d.some({}, {{"strides", drawInts(d, spatial, 1, 2)}, {"kernel_shape", kernel}});
    const bool isAuto = d.random.chance(0.2);
    if (isAuto) {
        attributes["auto_pad"] = std::string(d.random.pick({"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"}));
    }
    if (d.random.chance(0.3) && !isAuto) {
        attributes["dilations"] = drawInts(d, spatial, 1, 2);
    }
    if (!isAuto && d.random.chance(0.6)) {
        Ints pads;
        for (int side = 0; side < 2; ++side) {
            for (const std::int64_t size : kernel) {
                pads.push_back(d.random.between(0, mayPadWide ? size : size - 1));
            }
        }
        attributes["pads"] = pads;
    }
    return attributes;
}

/// 1 to 3 spatial axes of 4 to 7, batch 1 or 2.
std::string picture(Draw& d, std::int64_t channels, std::int64_t spatial)
{
    Shape shape{d.random.between(1, 2), channels};
    for (std::int64_t i = 0; i < spatial; ++i) {
        shape.push_back(d.random.between(4, 7));
    }
    return d.valueOf(drawTensor(d.random, DataType::Float32, shape, Values::Normal), Values::Normal);
}

std::string pictureOf(Draw& d, std::int64_t channels, std::int64_t spatial, DataType type)
{
    const std::string made = picture(d, channels, spatial);
    return type == DataType::Float32 ? made : d.valueOf(core::castTo(d.tensor(made), type), Values::Normal);
}

void drawConv(Draw& d, const Row&)
{
    const DataType type = d.random.pick(kFloats);
    const std::int64_t spatial = d.random.pick<std::int64_t>({1, 2, 2, 2, 3});
    const std::int64_t groups = d.random.pick<std::int64_t>({1, 1, 1, 2, 3});
    const std::int64_t perGroup = d.random.between(1, 3);
    const std::int64_t dst = groups * d.random.between(1, 3);
    const std::string x = pictureOf(d, groups * perGroup, spatial, type);
    const Ints kernel = drawInts(d, spatial, 1, 3);
    Shape shape{dst, perGroup};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    Names inputs{x, filter(d, shape, type)};
    if (d.random.chance(0.6)) {
        inputs.push_back(bias(d, dst, type));
    }
    Attributes attributes = window(d, spatial, kernel, true);
    if (groups > 1) {
        attributes["group"] = groups;
        d.form(perGroup == 1 ? "Conv depthwise" : "Conv grouped");
    }
    d.node("Conv", inputs, attributes);
}

void drawConvTranspose(Draw& d, const Row&)
{
    const DataType type = DataType::Float32;
    const std::int64_t spatial = d.random.pick<std::int64_t>({1, 2, 2, 2, 3});
    const std::int64_t groups = d.random.pick<std::int64_t>({1, 1, 2});
    const std::int64_t perGroup = d.random.between(1, 3);
    const std::int64_t dstPerGroup = d.random.between(1, 3);
    const std::string x = pictureOf(d, groups * perGroup, spatial, type);
    const Ints kernel = drawInts(d, spatial, 1, 3);
    Shape shape{groups * perGroup, dstPerGroup};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    Names inputs{x, filter(d, shape, type)};
    if (d.random.chance(0.6)) {
        inputs.push_back(bias(d, groups * dstPerGroup, type));
    }
    Attributes attributes = window(d, spatial, kernel, false);
    if (groups > 1) {
        attributes["group"] = groups;
    }
    if (attributes.contains("strides") && d.random.chance(0.4)) {
        Ints padding;
        for (const std::int64_t stride : std::get<Ints>(attributes["strides"])) {
            padding.push_back(d.random.between(0, stride - 1));
        }
        attributes["output_padding"] = padding;
    }
    d.node("ConvTranspose", inputs, attributes);
}

void drawMatMul(Draw& d, const Row&)
{
    const std::string a = d.any({DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float32,
                                 DataType::Float64, DataType::Int32},
                                1, 4);
    const Shape left = d.shape(a);
    const std::int64_t k = left.back();
    Shape right{k};
    if (d.random.chance(0.85)) {
        right.push_back(d.random.between(1, 5));
        if (d.random.chance(0.4) && left.size() > 2) {
            Shape batch(left.begin(), left.end() - 2);
            batch = d.random.chance(0.6) ? batch : d.broadcastable(batch);
            right.insert(right.begin(), batch.begin(), batch.end());
        }
    }
    const std::string b = d.random.chance(0.7) ? d.weights(right, d.type(a)) : d.value({d.type(a)}, right);
    d.node("MatMul", {a, b});
}

/// C in every form that broadcasts to M×N; alpha, beta and both transpositions.
void drawGemm(Draw& d, const Row&)
{
    const std::string found =
        d.any({DataType::Float32, DataType::Float32, DataType::Float32, DataType::Float64}, 2, 2);
    const bool transA = d.random.chance(0.25);
    const bool transB = d.random.chance(0.5);
    const std::int64_t m = d.shape(found)[transA ? 1 : 0];
    const std::int64_t k = d.shape(found)[transA ? 0 : 1];
    const std::int64_t n = d.random.between(1, 5);
    Names inputs{found, filter(d, transB ? Shape{n, k} : Shape{k, n}, d.type(found))};
    if (d.opset < 11 || d.random.chance(0.7)) {
        std::vector<Shape> forms{{m, n}, {n}, {1, n}, {m, 1}, {1}, {}, {1, 1}};
        const Shape c = d.random.pick(d.opset < 7 ? std::vector<Shape>{{m, n}} : forms);
        inputs.push_back(d.random.chance(0.8) ? d.weights(c, d.type(found)) : d.value({d.type(found)}, c));
    }
    Attributes attributes = d.some({},
                                   {{"alpha", static_cast<float>(d.random.real(0.2, 2))},
                                    {"beta", static_cast<float>(d.random.real(0.2, 2))}});
    if (transA || d.random.chance(0.3)) {
        attributes["transA"] = std::int64_t{transA};
    }
    if (transB || d.random.chance(0.3)) {
        attributes["transB"] = std::int64_t{transB};
    }
    d.node("Gemm", inputs, attributes);
}

void drawEinsum(Draw& d, const Row&)
{
    struct Form
    {
        const char* equation;
        std::vector<Shape> shapes;
    };
    const std::vector<Form> forms{{"ij,jk->ik", {{2, 3}, {3, 4}}},
                                  {"bij,bjk->bik", {{2, 2, 3}, {2, 3, 2}}},
                                  {"ij->ji", {{2, 3}}},
                                  {"ij->", {{3, 2}}},
                                  {"ii->i", {{3, 3}}},
                                  {"...ij,...jk->...ik", {{2, 2, 3}, {2, 3, 2}}},
                                  {"i,j->ij", {{3}, {4}}},
                                  {"bhqd,bhkd->bhqk", {{1, 2, 3, 2}, {1, 2, 4, 2}}},
                                  {"ij,jk", {{2, 3}, {3, 4}}},
                                  {"ijk,k->ij", {{2, 3, 2}, {2}}},
                                  {"ij,ij->i", {{2, 3}, {2, 3}}},
                                  {"ii", {{3, 3}}},
                                  {"ij,jk,kl->il", {{2, 3}, {3, 2}, {2, 4}}}};
    const Form& form = d.random.pick(forms);
    const DataType type = d.random.pick({DataType::Float32, DataType::Float32, DataType::Float64});
    Names inputs;
    for (const Shape& shape : form.shapes) {
        inputs.push_back(d.value({type}, shape));
    }
    d.node("Einsum", inputs, {{"equation", std::string(form.equation)}});
}

void drawDet(Draw& d, const Row&)
{
    Shape shape = d.drawShape(0, 2);
    const std::int64_t size = d.random.between(1, 4);
    shape.insert(shape.end(), {size, size});
    d.node("Det", {d.value(kFloat, shape)});
}

constexpr Row kLinearRows[] = {
    {"", "Conv", 6, drawConv, true},      {"", "ConvTranspose", 6, drawConvTranspose, true},
    {"", "MatMul", 6, drawMatMul, true},  {"", "Gemm", 6, drawGemm, true},
    {"", "Einsum", 12, drawEinsum, true}, {"", "Det", 11, drawDet, true},
};

} // namespace

std::span<const Row> linearRows() { return kLinearRows; }

} // namespace fuzz
