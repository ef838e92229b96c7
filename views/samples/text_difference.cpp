#include "views/samples/text_difference.h"

#include <algorithm>

namespace views {

std::pair<std::vector<TextPiece>, std::vector<TextPiece>> textDifference(const std::vector<std::int64_t>& a,
                                                                         const std::vector<std::int64_t>& b)
{
    // edits[i][j]: to make the first j of b of the first i of a.
    std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            edits[i][j] = i == 0 ? j
                : j == 0         ? i
                                 : std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1,
                                             edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
        }
    }
    std::pair<std::vector<TextPiece>, std::vector<TextPiece>> result;
    std::size_t i = a.size();
    std::size_t j = b.size();
    while (i > 0 || j > 0) {
        const bool isSame = i > 0 && j > 0 && a[i - 1] == b[j - 1];
        if (i > 0 && j > 0 && edits[i][j] == edits[i - 1][j - 1] + (isSame ? 0 : 1)) {
            result.first.push_back({a[--i], isSame});
            result.second.push_back({b[--j], isSame});
        } else if (i > 0 && edits[i][j] == edits[i - 1][j] + 1) {
            result.first.push_back({a[--i], false});
        } else {
            result.second.push_back({b[--j], false});
        }
    }
    std::ranges::reverse(result.first);
    std::ranges::reverse(result.second);
    return result;
}

QString markedText(const std::vector<TextPiece>& text, bool isCharacters, const QString& color)
{
    QString html;
    for (const TextPiece& piece : text) {
        const QString letter = isCharacters
            ? QString::fromUcs4(std::vector<char32_t>{static_cast<char32_t>(piece.token)}.data(), 1)
            : QString::number(piece.token);
        html += !isCharacters && !html.isEmpty() ? QStringLiteral(" ") : QString();
        const QString shown =
            letter == QLatin1String(" ") ? QStringLiteral("&nbsp;") : letter.toHtmlEscaped();
        html += piece.isShared
            ? shown
            : QStringLiteral("<b><u><span style=\"color:%1\">%2</span></u></b>").arg(color, shown);
    }
    return html;
}

} // namespace views
