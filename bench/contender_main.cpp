// What our contenders of the side-by-side benchmark begin with.

#include <cstdio>
#include <exception>

#include "measured_run.hpp"

int main(int argc, char** argv) {
  try {
    return bench::run_contender(argc, argv);
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "%s\n", error.what()));
    return 1;
  }
}
