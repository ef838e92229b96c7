#include "io/onnx/opset13.h"

#include "core/base/error.h"
#include "core/graph/operator_traits.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace io {

namespace {

bool isSoftmax(const core::Node& node)
{
    return node.type == "Softmax" || node.type == "LogSoftmax" || node.type == "Hardmax";
}

std::size_t firstAxis(const core::Node& softmax, const core::Shape& shape)
{
    const std::int64_t axis = softmax.integer("axis", 1);
    return axis == std::ssize(shape) ? shape.size()
                                     : static_cast<std::size_t>(core::normalizedAxis(axis, shape.size()));
}

class Converter
{
public:
    Converter(const core::Node& node, std::vector<std::string> inputs, const core::Shape& shape,
              const core::Shape& dst, core::DataType type)
        : m_node(node)
        , m_shape(shape)
        , m_dst(dst)
        , m_type(type)
        , m_form{node.type, node.attributes, std::move(inputs), {}}
    {
    }

    NodeForm run()
    {
        const int v = m_node.version;
        const std::string& type = m_node.type;
        if (type == "Dropout") { // inference: the identity
            m_form.type = "Identity";
            m_form.attributes.clear();
            m_form.inputs.resize(1);
        } else if (isSoftmax(m_node) && v < 13) {
            softmax();
        } else if (type == "Clip" && v < 11) {
            real("min");
            real("max");
        } else if (type == "Pad" && v < 11) {
            integers("pads");
            real("value");
        } else if (type == "Slice" && v < 10) {
            slice();
        } else if ((type == "Squeeze" || type == "Unsqueeze" || type == "ReduceSum") && v < 13
                   && m_node.find("axes")) {
            integers("axes");
        } else if (type == "Split" && v < 13 && m_node.find("split")) {
            integers("split");
        } else if (type == "TopK" && v < 10) {
            add("k", core::makeTensor<std::int64_t>({1}, std::vector{m_node.integer("k", 1)}));
        } else if (type == "Scatter") {
            m_form.type = "ScatterElements";
        } else if (type == "Upsample") {
            upsample();
        } else if (type == "Resize" && v < 11) {
            oldResize();
        } else if (type == "BatchNormalization" && v < 9 && m_node.integer("spatial", 1) == 0) {
            refuse();
        }
        const auto dilations = m_node.integers("dilations");
        if (core::traitsOf(type).pool == core::PoolForm::Average
            && std::ranges::all_of(dilations, [](auto d) { return d == 1; })) {
            m_form.attributes.erase("dilations"); // of opset 19; nor has QLinearAveragePool any
        }
        if (type == "BatchNormalization") {
            m_form.attributes.erase("spatial"); // of opset 7, where it is 1
        }
        return std::move(m_form);
    }

private:
    std::string add(const std::string& key, core::Tensor tensor)
    {
        const std::string name = m_node.name + "_" + key;
        m_form.constants.emplace(name, std::move(tensor));
        m_form.inputs.push_back(name);
        m_form.attributes.erase(key);
        return name;
    }
    void integers(const std::string& key)
    {
        const auto values = m_node.integers(key);
        add(key, core::makeTensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
    }
    void real(const std::string& key)
    {
        const float fallback = key == "min" ? -3.4028235e38f : key == "max" ? 3.4028235e38f : 0.0f;
        const std::vector<float> value{m_node.real(key, fallback)};
        add(key, core::castTo(core::makeTensor<float>({}, value), m_type));
    }

    /// Before opset 13 everything from the axis on is one vector; the same as one axis only if the rest
    /// are 1. See flattenedRows() for the others.
    void softmax()
    {
        const auto axis = firstAxis(m_node, m_shape);
        std::size_t wide = axis;
        for (std::size_t i = axis; i < m_shape.size(); ++i) {
            wide = m_shape[i] != 1 ? i : wide;
        }
        if (flattenedRows(m_node, m_shape)) {
            throw core::Error(core::ErrorKind::UnsupportedOperator,
                              fmt::format("{}: {} over several axes of {} has no one-to-one form in opset 13",
                                          m_node.name, m_node.type, core::toString(m_shape)));
        }
        m_form.attributes["axis"] = static_cast<std::int64_t>(wide);
    }

    [[noreturn]] void refuse() const
    {
        throw core::Error(core::ErrorKind::UnsupportedOperator,
                          fmt::format("{} ({} of opset {}) has no one-to-one form in opset 13", m_node.name,
                                      m_node.type, m_node.version));
    }

    /// Resize of opset 10 takes the nearest below where an axis grows, above where it shrinks.
    void oldResize()
    {
        bool grows = false;
        bool shrinks = false;
        for (std::size_t i = 0; i < m_shape.size() && i < m_dst.size(); ++i) {
            grows = grows || m_dst[i] > m_shape[i];
            shrinks = shrinks || m_dst[i] < m_shape[i];
        }
        const bool isNearest = m_node.text("mode", "nearest") == "nearest";
        if (m_shape.size() != m_dst.size() || m_shape.empty() || (isNearest && grows && shrinks)) {
            refuse();
        }
        upsample();
        if (isNearest && shrinks) {
            m_form.attributes["nearest_mode"] = std::string("ceil");
        }
    }

    /// Upsample places as Resize does with asymmetric coordinates, and takes the nearest below.
    void upsample()
    {
        m_form.type = "Resize";
        m_form.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
        if (m_node.text("mode", "nearest") == "nearest") {
            m_form.attributes["nearest_mode"] = std::string("floor");
        }
        m_form.inputs.insert(m_form.inputs.begin() + 1, ""); // no region
        if (m_form.attributes.contains("scales")) {
            const auto scales = m_node.reals("scales");
            add("scales", core::makeTensor<float>({std::ssize(scales)}, scales));
        }
    }

    void slice()
    {
        const auto starts = m_node.integers("starts");
        std::vector<std::int64_t> axes(starts.size());
        for (std::size_t i = 0; i < axes.size(); ++i) {
            axes[i] = static_cast<std::int64_t>(i);
        }
        axes = m_node.integers("axes", axes);
        integers("starts");
        integers("ends");
        add("axes", core::makeTensor<std::int64_t>({static_cast<std::int64_t>(axes.size())}, axes));
    }

    const core::Node& m_node;
    const core::Shape& m_shape;
    const core::Shape& m_dst;
    const core::DataType m_type;
    NodeForm m_form;
};

} // namespace

std::optional<core::Shape> flattenedRows(const core::Node& node, const core::Shape& shape)
{
    if (!node.domain.empty() || !isSoftmax(node) || node.version >= 13) {
        return std::nullopt;
    }
    const std::size_t axis = firstAxis(node, shape);
    const auto rows = std::span(shape).subspan(axis);
    if (std::ranges::count_if(rows, [](std::int64_t extent) { return extent != 1; }) < 2) {
        return std::nullopt;
    }
    return core::Shape{core::elementCount(std::span(shape).first(axis)), core::elementCount(rows)};
}

NodeForm opset13Form(const core::Node& node, std::vector<std::string> inputs, const core::Shape& shape,
                     const core::Shape& dst, core::DataType type)
{
    return Converter(node, std::move(inputs), shape, dst, type).run();
}

NodeForm opset21Form(NodeForm form, const core::Node& node, std::size_t outputs)
{
    constexpr std::array kReductions{"ReduceMean",   "ReduceMax",       "ReduceMin",
                                     "ReduceProd",   "ReduceL1",        "ReduceL2",
                                     "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"};
    const bool isReduction =
        std::ranges::any_of(kReductions, [&](const char* type) { return form.type == type; });
    if (isReduction && node.version < 18 && form.attributes.contains("axes")) {
        const auto axes = node.integers("axes");
        const std::string name = node.name + "_axes";
        form.constants.emplace(
            name, core::makeTensor<std::int64_t>({static_cast<std::int64_t>(axes.size())}, axes));
        form.inputs.push_back(name);
        form.attributes.erase("axes");
    } else if (form.type == "Split" && node.version < 18 && form.inputs.size() < 2) {
        form.attributes["num_outputs"] = static_cast<std::int64_t>(outputs);
    } else if (form.type == "DFT" && node.version < 20) { // the axis became an input, with another default
        const std::string name = node.name + "_axis";
        form.constants.emplace(name,
                               core::makeTensor<std::int64_t>({}, std::vector{node.integer("axis", 1)}));
        form.inputs.resize(2); // no length
        form.inputs.push_back(name);
        form.attributes.erase("axis");
    } else if (form.type == "GridSample" && node.version < 20) {
        const std::string mode = node.text("mode", "bilinear");
        form.attributes["mode"] =
            mode == "nearest" ? mode : std::string(mode == "bicubic" ? "cubic" : "linear");
    } else if (form.type == "GroupNormalization" && node.version < 21) { // by group then, by channel now
        throw core::Error(core::ErrorKind::UnsupportedOperator,
                          fmt::format("{}: GroupNormalization of opset {} has no one-to-one form in opset 21",
                                      node.name, node.version));
    }
    return form;
}

} // namespace io
