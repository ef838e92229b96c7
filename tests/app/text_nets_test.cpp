// Nets in protobuf's text form, read by a parser of the test's own.
#include "app/common/export_source.h"
#include "io/exports/format.h"
#include "io/plans/plan_json.h"
#include "tests/support/shared_files.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace {

using testing::Contains;
using testing::HasSubstr;

/// One message of the text form: fields with values, or messages in braces, in their order.
struct Message
{
    std::multimap<std::string, std::string> fields;
    std::multimap<std::string, Message> messages;

    [[nodiscard]] std::string field(const std::string& key) const
    {
        const auto it = fields.find(key);
        return it == fields.end() ? "" : it->second;
    }
    [[nodiscard]] std::vector<std::string> all(const std::string& key) const
    {
        std::vector<std::string> values;
        for (auto [it, end] = fields.equal_range(key); it != end; ++it) {
            values.push_back(it->second);
        }
        return values;
    }
    /// Value of an operator's argument; empty: it has none of that name.
    [[nodiscard]] std::string argument(const std::string& name) const
    {
        for (auto [it, end] = messages.equal_range("arg"); it != end; ++it) {
            if (it->second.field("name") == name) {
                return it->second.field("i") + it->second.field("f") + it->second.field("s");
            }
        }
        return "";
    }
};

class TextParser
{
public:
    explicit TextParser(const std::string& text)
        : m_text(text)
    {
    }

    Message message()
    {
        Message result;
        for (std::string word = next(); !word.empty() && word != "}"; word = next()) {
            const std::string sign = next();
            if (sign == "{") {
                result.messages.emplace(word, message());
            } else {
                EXPECT_EQ(sign, ":") << "behind " << word;
                result.fields.emplace(word, next());
            }
        }
        return result;
    }

private:
    std::string next()
    {
        m_at = std::min(m_text.find_first_not_of(" \n", m_at), m_text.size());
        if (m_at == m_text.size()) {
            return "";
        }
        if (m_text[m_at] == '"') {
            const std::size_t end = m_text.find('"', m_at + 1); // the names here hold no quotes
            const std::string word = m_text.substr(m_at + 1, end - m_at - 1);
            m_at = end + 1;
            return word;
        }
        const std::size_t end = std::string("{}:").find(m_text[m_at]) != std::string::npos
            ? m_at + 1
            : std::min(m_text.find_first_of(" \n{}:", m_at), m_text.size());
        const std::string word = m_text.substr(m_at, end - m_at);
        m_at = end;
        return word;
    }

    const std::string& m_text;
    std::size_t m_at = 0;
};

io::Export exported(const std::vector<std::string>& settings)
{
    const auto model = support::projectFile("resources/sample/digits.onnx");
    core::QuantizationPlan plan = app::defaultPlan(model);
    for (const std::string& setting : settings) {
        plan = io::withSetting(plan, setting);
    }
    const app::Project project = app::openProject({model, {}, {}, {}});
    const auto source =
        app::exportSource(project, model, std::make_shared<const core::QuantizationPlan>(plan),
                          io::exportFormat("caffe2"), {}, {});
    return io::exportAs(io::exportFormat("caffe2"), source.value());
}

TEST(Caffe2Net, HasInt8TypesThatReadWhatOthersWrite)
{
    const io::Export net = exported({"runtime=caffe2", "activation.convention=dnnlowp",
                                     "eltwise_quantization_precision=16", "activation.bits=7"});
    const Message root = TextParser(net.files[0].content).message();
    std::set<std::string> known;
    for (const std::string& input : root.all("external_input")) {
        known.insert(input);
    }
    EXPECT_EQ(known, std::set<std::string>{"image"});
    std::map<std::string, int> types;
    for (const auto& [key, op] : root.messages) {
        ASSERT_EQ(key, "op");
        ++types[op.field("type")];
        const auto inputs = op.all("input");
        ASSERT_FALSE(inputs.empty()) << op.field("name");
        EXPECT_TRUE(known.contains(inputs[0])) << inputs[0];
        known.insert(op.field("output"));
        if (op.field("engine").starts_with("DNNLOWP")) {
            EXPECT_EQ(op.argument("activation_precision"), "7") << op.field("name");
            EXPECT_GT(std::stod(op.argument("Y_scale")), 0.0);
            EXPECT_LE(std::stoi(op.argument("Y_zero_point")), 127);
        }
        if (op.field("type") == "Int8SumRelu") {
            EXPECT_EQ(op.argument("eltwise_quantization_precision"), "16");
        }
    }
    EXPECT_GT(types["Int8ConvRelu"], 0);
    EXPECT_EQ(types["Int8SumRelu"], 1);
    EXPECT_EQ(types["Int8FC"], 1);
    EXPECT_EQ(types["Int8AveragePool"], 1);
    EXPECT_EQ(types["Conv"] + types["Gemm"], 0);
    for (const std::string& output : root.all("external_output")) {
        EXPECT_TRUE(known.contains(output)) << output;
    }
}

TEST(Caffe2Net, SaysWhatItsConvCannotHold)
{
    const io::Export net = exported({"runtime=caffe2"});
    std::vector<std::string> losses;
    std::ranges::transform(net.losses, std::back_inserter(losses),
                           [](const io::ExportLoss& loss) { return io::toString(loss); });
    EXPECT_THAT(losses, Contains(HasSubstr("Caffe2's Conv holds one for each of its 1 groups")));
    const Message root = TextParser(net.files[0].content).message();
    for (const auto& [key, op] : root.messages) {
        const bool isDepthwise = op.field("name").find("depthwise") != std::string::npos;
        EXPECT_EQ(op.argument("quantize_groupwise"), isDepthwise ? "1" : "") << op.field("name");
        EXPECT_EQ(op.argument("quantize_channelwise"), op.field("type") == "Int8FC" ? "1" : "");
    }
}

} // namespace
