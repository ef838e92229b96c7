#include "io/reports/report_html.h"

#include "io/reports/text.h"
#include "tests/support/report_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& what)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) {
        ++found;
    }
    return found;
}

/// Comparing all methods takes a while: one page serves several tests.
const std::string& samplePage()
{
    static const std::string kPage = io::reportToHtml(*support::makeResults());
    return kPage;
}

void namesTheWorstFirstWithItsCause()
{
    const std::string& page = samplePage();
    const std::size_t table = page.find("id=\"worst\"");
    ASSERT_NE(table, std::string::npos);
    const std::size_t first = page.find("<tbody><tr><td>", table);
    EXPECT_EQ(page.substr(first, 22), "<tbody><tr><td>dw3</td");
    EXPECT_THAT(page, HasSubstr("42.0 %"));
    EXPECT_THAT(page, HasSubstr("made_up.onnx"));
}

void needsNoNetwork()
{
    const std::string& page = samplePage();
    EXPECT_FALSE(std::regex_search(page, std::regex("(src|href)=\"(?!#)")))
        << "only links into the page itself";
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    EXPECT_THAT(page, Not(HasSubstr("@import")));
}

void hasARowForEveryOperatorAndAPictureOfTheWorst()
{
    const auto results = support::makeResults();
    const std::string& page = samplePage();
    const std::size_t begin = page.find("id=\"all\"");
    const std::string table = page.substr(begin, page.find("</table>", begin) - begin);
    EXPECT_EQ(count(table, "<tr>"), results->report->layers.size() + 1);
    EXPECT_EQ(count(page, "<svg "), 9U) << "the error profile and eight distributions";
    EXPECT_THAT(page, HasSubstr("<th class=\"n\">entropy</th>"));
}

void balancesItsTags()
{
    const std::string& page = samplePage();
    for (const std::string tag :
         {"table", "tr", "td", "th", "div", "svg", "g", "h2", "p", "dl", "title", "text", "span"}) {
        EXPECT_EQ(count(page, "<" + tag + ">") + count(page, "<" + tag + " "), count(page, "</" + tag + ">"))
            << tag;
    }
}

/// One page for all: it costs every method on every tensor.
TEST(ReportHtml, OfARunIsWhole)
{
    namesTheWorstFirstWithItsCause();
    needsNoNetwork();
    hasARowForEveryOperatorAndAPictureOfTheWorst();
    balancesItsTags();
}

TEST(ReportHtml, EscapesNames)
{
    auto results = std::make_shared<core::Results>(*support::makeResults());
    auto report = std::make_shared<core::Report>(*results->report);
    auto layer = std::make_shared<core::LayerReport>(*report->layers[4]);
    layer->name = "<b>&\"'";
    report->layers[4] = layer;
    results->report = report;
    results->calibration.reset(); // no thresholds: quick
    const std::string page = io::reportToHtml(*results);
    EXPECT_THAT(page, Not(HasSubstr("<b>&")));
    EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;&quot;&#39;"));
}

TEST(ReportHtml, SaysWhenDataIsSyntheticAndSurvivesAnEmptyReport)
{
    core::Results results;
    auto report = std::make_shared<core::Report>();
    report->plan = std::make_shared<core::QuantizationPlan>(core::QuantizationPlan::makeDefault());
    report->synthetic = true;
    results.report = report;
    EXPECT_THAT(io::reportToHtml(results), HasSubstr("synthetic"));
}

TEST(ReportHtml, StopsWithoutAPage)
{
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(io::reportToHtml(*support::makeResults(), source.get_token()), "");
}

TEST(HtmlText, NumbersReadAsInTheWindow)
{
    EXPECT_EQ(io::html::percentText(0.1239), "12.4 %");
    EXPECT_EQ(io::html::percentText(1e-9), "< 0.001 %");
    EXPECT_EQ(io::html::realText(-1.5), "−1.5");
    EXPECT_EQ(io::html::decibelText(std::numeric_limits<double>::infinity()), "∞");
    EXPECT_EQ(io::html::cell("a", std::nullopt), "<td class=\"n\">a</td>");
}

} // namespace
