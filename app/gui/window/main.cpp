#include "app/gui/window/main_window.h"
#include "app/gui/window/sample.h"
#include "app/gui/window/screenshot.h"
#include "core/tensor/buffer_pool.h"
#include "io/plans/plan_json.h"
#include "views/base/field_style.h"

#include <QApplication>
#include <QCommandLineParser>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kUsage = 2;
constexpr int kBadInput = 3;

bool hasArgument(int argc, char** argv, const char* name)
{
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], name, std::strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

int fail(int code, const QString& message)
{
    std::fprintf(stderr, "noisefloor: %s\n", qPrintable(message));
    return code;
}

} // namespace

int main(int argc, char** argv)
{
    core::keepFreedMemory();
    const bool screenshot = hasArgument(argc, argv, "--screenshot");
    if (screenshot && !std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY")
        && !std::getenv("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("Noisefloor"));
    QApplication::setOrganizationName(QStringLiteral("Noisefloor"));
    QApplication::setApplicationVersion(QStringLiteral(NOISEFLOOR_VERSION));
    QApplication::setStyle(new views::FieldStyle); // one look, both palettes

    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main", "Workbench for quantization error."));
    parser.addPositionalArgument(
        QStringLiteral("FILE"),
        QApplication::translate("main", "an ONNX model or a session (.nfs); none: the built-in sample"),
        QStringLiteral("[FILE]"));
    const QCommandLineOption data(
        QStringLiteral("data"),
        QApplication::translate("main", "data description, image folder, .h5, .npy or .npz"),
        QStringLiteral("DATA"));
    const QCommandLineOption moved(
        QStringLiteral("model"),
        QApplication::translate("main", "where the model of a session lies now, if it was moved"),
        QStringLiteral("MODEL"));
    const QCommandLineOption plan(QStringLiteral("plan"),
                                  QApplication::translate("main", "quantization plan to start from"),
                                  QStringLiteral("PLAN"));
    const QCommandLineOption picture(
        QStringLiteral("screenshot"),
        QApplication::translate("main", "run, render the window to a file, and exit"),
        QStringLiteral("OUT.png"));
    const QCommandLineOption size(
        QStringLiteral("size"), QApplication::translate("main", "size of the window"), QStringLiteral("WxH"));
    const QCommandLineOption palette(
        QStringLiteral("palette"), QApplication::translate("main", "light or dark"), QStringLiteral("NAME"));
    const QCommandLineOption select(QStringLiteral("select"),
                                    QApplication::translate("main", "operator to select"),
                                    QStringLiteral("OPERATOR"));
    const QCommandLineOption dock(QStringLiteral("dock"),
                                  QApplication::translate("main", "dock to bring to the front"),
                                  QStringLiteral("NAME"));
    parser.addOptions({data, moved, plan, picture, size, palette, select, dock});
    parser.addHelpOption();
    parser.addVersionOption();
    parser.process(application);
    if (parser.positionalArguments().size() > 1) {
        return fail(kUsage, QApplication::translate("main", "one FILE is expected; --help tells more"));
    }

    app::MainWindow window(screenshot ? app::MainWindow::Layout::Default
                                      : app::MainWindow::Layout::Remembered);
    if (parser.isSet(size)) {
        const QStringList sides = parser.value(size).split(QLatin1Char('x'));
        const QSize wanted(sides.value(0).toInt(), sides.value(1).toInt());
        if (sides.size() != 2 || wanted.width() < 1 || wanted.height() < 1) {
            return fail(kUsage,
                        QApplication::translate("main", "--size %1: WxH is expected, as in 1440x900")
                            .arg(parser.value(size)));
        }
        window.resize(wanted);
        if (screenshot) {
            window.resetLayout(); // its proportions are those of the size
        }
    }
    const QString paletteName = parser.value(palette);
    if (!paletteName.isEmpty() && paletteName != QLatin1String("light")
        && paletteName != QLatin1String("dark")) {
        return fail(
            kUsage,
            QApplication::translate("main", "--palette %1: light or dark is expected").arg(paletteName));
    }
    if (screenshot || !paletteName.isEmpty()) {
        window.setPaletteChoice(paletteName == QLatin1String("dark") ? views::PaletteChoice::Dark
                                                                     : views::PaletteChoice::Light);
    }

    std::filesystem::path model = parser.positionalArguments().value(0).toStdString();
    std::filesystem::path samples = parser.value(data).toStdString();
    std::filesystem::path planFile = parser.value(plan).toStdString();
    if (model.empty()) {
        const auto sample = app::builtInSample(QApplication::applicationDirPath().toStdString());
        if (sample) {
            model = sample->model;
            samples = samples.empty() ? sample->data : samples;
            planFile = planFile.empty() ? sample->plan : planFile;
        } else if (screenshot) {
            return fail(kBadInput,
                        QApplication::translate("main", "the built-in sample is not there; name a model"));
        }
    }
    std::shared_ptr<const core::QuantizationPlan> start;
    if (!planFile.empty()) {
        try {
            start = std::make_shared<core::QuantizationPlan>(io::readPlan(planFile));
        } catch (const std::exception& error) {
            return fail(kBadInput, QString::fromUtf8(error.what()));
        }
    }
    int exitCode = 0;
    if (screenshot) {
        auto* const taker = new app::Screenshot(
            &window, {parser.value(picture), parser.value(select), parser.value(dock)}, &window);
        QObject::connect(taker, &app::Screenshot::done, &application, [](int code, const QString& message) {
            QApplication::exit(code == 0 ? 0 : fail(code, message));
        });
    }
    window.show();
    if (!model.empty()) {
        model.extension() == ".nfs" ? window.openSession(model, parser.value(moved).toStdString())
                                    : window.openProject(model, samples, start);
    }
    exitCode = QApplication::exec();
    return exitCode;
}
