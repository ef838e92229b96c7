#pragma once

#include <QColor>
#include <QPalette>

#include <array>

namespace views {

enum class PaletteChoice
{
    System,
    Light,
    Dark
};

[[nodiscard]] QPalette lightPalette();
[[nodiscard]] QPalette darkPalette();
[[nodiscard]] bool
isDark(const QPalette& palette); ///< Qt 6.4 has no colorScheme(): from the lightness of the window

/// Colours of plots. Distinguishable with any colour vision (Okabe and Ito's set, adjusted for both grounds).
struct PlotColors
{
    QColor ground;
    QColor text;
    QColor muted;
    QColor grid;
    QColor fp32;
    QColor quantized;
    QColor baseline;
    QColor handle;
    QColor clipped;
    std::array<QColor, 8> series;
};
[[nodiscard]] PlotColors plotColors(const QPalette& palette);

/// Sequential map for errors, monotone in lightness, so that it reads in grey too: t = 0 fades into the
/// ground, t = 1 stands out of it.
[[nodiscard]] QColor heatColor(double t, bool dark);
[[nodiscard]] QColor textOn(const QColor& ground); ///< black or white, whichever contrasts more

/// Fixed scale of every heat colour of the application: relative L2 0.1 % → 0, 100 % → 1, logarithmic.
[[nodiscard]] double heatOfRelativeL2(double relativeL2);

} // namespace views
