#include <fmt/format.h>
#include <unistd.h>

#include <exception>

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/process_setup.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

ExitCode run(int argc, const char* const* argv, Console& console, Interrupt& interrupt) {
  const auto command = parse_command_line(argc, argv);
  if (command.run)
    return command.run({.uri = command.uri, .console = console, .interrupt = interrupt});
  Output output(STDOUT_FILENO, interrupt);
  output.write(command.text);
  output.flush();
  return ExitCode::done;
}

/// Turns every way to end into an exit code.
int guarded_run(int argc, const char* const* argv, Console& console, Interrupt& interrupt) {
  const auto complain = [&](const std::exception& error, ExitCode code) {
    console.complain(error.what());
    return static_cast<int>(code);
  };
  try {
    return static_cast<int>(run(argc, argv, console, interrupt));
  } catch (const Interrupted& interrupted) {
    console.say(stopped_text(interrupt.signal(), interrupted.what()));
    return 128 + interrupt.signal();
  } catch (const OutputClosed&) {
    return static_cast<int>(ExitCode::done);
  } catch (const Failure& failure) {
    return complain(failure, failure.code());
  } catch (const Error& error) {
    return complain(error, exit_code_of(error.code()));
  } catch (const std::exception& error) {
    return complain(error, ExitCode::some_failed);
  }
}

}  // namespace
}  // namespace bytestore::cli

int main(int argc, char** argv) {
  using namespace bytestore::cli;
  secure_standard_streams();
  ignore_write_signals();
  raise_open_file_limit();
  Console console(STDERR_FILENO);
  Interrupt interrupt;
  return guarded_run(argc, argv, console, interrupt);
}
