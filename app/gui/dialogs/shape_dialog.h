#pragma once

#include "core/graph/graph.h"

#include <QDialog>

#include <map>
#include <string>
#include <vector>

class QSpinBox;

namespace app {

/// Gives the dynamic dimensions of a model's inputs numbers, as --shape does.
class ShapeDialog : public QDialog
{
    Q_OBJECT

public:
    ShapeDialog(const core::Graph& graph, const std::map<std::string, core::Shape>& now,
                QWidget* parent = nullptr);

    /// The shapes of the inputs that have dynamic dimensions.
    [[nodiscard]] std::map<std::string, core::Shape> shapes() const;

    /// Whether there is anything to choose.
    [[nodiscard]] static bool isNeeded(const core::Graph& graph);

private:
    struct Input
    {
        std::string name;
        core::Shape shape; ///< as declared
        std::vector<QSpinBox*> sides; ///< by axis; null where fixed
    };
    /// What the file calls by one name is one number.
    static void joinSides(std::vector<QSpinBox*>& others, QSpinBox* side);
    /// Of dimensions that others add up to.
    void fillSums();

    std::vector<Input> m_inputs;
    std::map<std::string, std::vector<QSpinBox*>> m_named; ///< by name of the dimension
};

} // namespace app
