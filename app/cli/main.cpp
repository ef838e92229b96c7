#include <fmt/core.h>

int main()
{
    fmt::print("noisefloor-cli\n");
    return 0;
}
