#include "views/base/theme.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace views {

namespace {

struct Tones
{
    QColor window, base, alternate, text, muted, button, border, highlight, highlightedText, link;
};

QPalette paletteOf(const Tones& tones)
{
    QPalette palette;
    palette.setColor(QPalette::Window, tones.window);
    palette.setColor(QPalette::WindowText, tones.text);
    palette.setColor(QPalette::Base, tones.base);
    palette.setColor(QPalette::AlternateBase, tones.alternate);
    palette.setColor(QPalette::Text, tones.text);
    palette.setColor(QPalette::PlaceholderText, tones.muted);
    palette.setColor(QPalette::Button, tones.button);
    palette.setColor(QPalette::ButtonText, tones.text);
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::ToolTipBase, tones.base);
    palette.setColor(QPalette::ToolTipText, tones.text);
    palette.setColor(QPalette::Highlight, tones.highlight);
    palette.setColor(QPalette::HighlightedText, tones.highlightedText);
    palette.setColor(QPalette::Link, tones.link);
    palette.setColor(QPalette::LinkVisited, tones.link);
    palette.setColor(QPalette::Light, tones.button.lighter(115));
    palette.setColor(QPalette::Midlight, tones.button.lighter(107));
    palette.setColor(QPalette::Mid, tones.border);
    palette.setColor(QPalette::Dark, tones.border.darker(120));
    palette.setColor(QPalette::Shadow, tones.border.darker(160));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, tones.muted);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, tones.border);
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, tones.muted);
    return palette;
}

QColor between(std::span<const QColor> stops, double t)
{
    const double position = std::clamp(t, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
    const auto index = std::min(static_cast<std::size_t>(position), stops.size() - 2);
    const double f = position - static_cast<double>(index);
    const QColor& a = stops[index];
    const QColor& b = stops[index + 1];
    return QColor::fromRgbF(static_cast<float>(a.redF() + f * (b.redF() - a.redF())),
                            static_cast<float>(a.greenF() + f * (b.greenF() - a.greenF())),
                            static_cast<float>(a.blueF() + f * (b.blueF() - a.blueF())));
}

double luminance(const QColor& color)
{
    const auto linear = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

QPalette lightPalette()
{
    return paletteOf({.window = 0xf3f4f6,
                      .base = 0xffffff,
                      .alternate = 0xf7f8fa,
                      .text = 0x1c2430,
                      .muted = 0x7a8494,
                      .button = 0xfbfbfc,
                      .border = 0xc9ced6,
                      .highlight = 0x2563c9,
                      .highlightedText = 0xffffff,
                      .link = 0x1d5fbf});
}

QPalette darkPalette()
{
    return paletteOf({.window = 0x1f2329,
                      .base = 0x171a1f,
                      .alternate = 0x1b1f25,
                      .text = 0xdfe3ea,
                      .muted = 0x858e9c,
                      .button = 0x2a2f37,
                      .border = 0x3b424d,
                      .highlight = 0x2f6bd0,
                      .highlightedText = 0xffffff,
                      .link = 0x74a9ff});
}

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightnessF() < palette.color(QPalette::WindowText).lightnessF();
}

PlotColors plotColors(const QPalette& palette)
{
    const bool dark = isDark(palette);
    PlotColors colors;
    colors.ground = palette.color(QPalette::Base);
    colors.text = palette.color(QPalette::Text);
    colors.muted = palette.color(QPalette::PlaceholderText);
    colors.grid = dark ? QColor(0x2c323a) : QColor(0xe6e9ee);
    colors.fp32 = dark ? QColor(0x8fa3bd) : QColor(0x5f7389);
    colors.quantized = dark ? QColor(0xffa34d) : QColor(0xd95f02);
    colors.baseline = dark ? QColor(0x5b6574) : QColor(0xb4bcc8);
    colors.handle = dark ? QColor(0xf2f4f8) : QColor(0x111820);
    colors.clipped = dark ? QColor(0xe0567a) : QColor(0xc2255c);
    colors.series = dark ? std::array<QColor, 8>{0x56b4e9, 0x2fcf9f, 0xe69f00, 0xe78ac3,
                                                 0xf0e442, 0xff7f5c, 0xb39ddb, 0x9aa5b1}
                         : std::array<QColor, 8>{0x0072b2, 0x009e73, 0xb87a00, 0xb5478b,
                                                 0x8a7d00, 0xc8451b, 0x6a51a3, 0x5c6670};
    return colors;
}

QColor heatColor(double t, bool dark)
{
    static const std::array<QColor, 6> kLight{0xfdfaf0, 0xfde8b4, 0xfdc570, 0xf58b36, 0xd1490f, 0x8a1c0b};
    static const std::array<QColor, 6> kDark{0x1e2027, 0x43242e, 0x7d2f2b, 0xc04f22, 0xf0932b, 0xfde48a};
    return between(dark ? kDark : kLight, t);
}

QColor textOn(const QColor& ground)
{
    // WCAG contrast: (1.05) / (L + 0.05) against white, (L + 0.05) / 0.05 against black; equal at L = 0.179.
    return luminance(ground) > 0.179 ? QColor(0x10151c) : QColor(Qt::white);
}

double heatOfRelativeL2(double relativeL2)
{
    if (std::isnan(relativeL2)) {
        return 1.0; // what is no number is the worst there is
    }
    if (relativeL2 <= 0.0) {
        return 0.0;
    }
    return std::clamp((std::log10(relativeL2) + 3.0) / 3.0, 0.0, 1.0);
}

} // namespace views
