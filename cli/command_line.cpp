#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <set>
#include <utility>
#include <vector>

#include "bytestore/version.hpp"
#include "cli/arguments.hpp"
#include "cli/text.hpp"
#include "cli/verb_options.hpp"

namespace bytestore::cli {
namespace {

constexpr const char* kStoreVariable = "BYTESTORE_STORE";

constexpr const char* kFooter = R"(bytestore VERB --help describes a verb.

Stores:
  rocksdb:PATH[?sync=true|false][&read_only=true|false][&cache=SIZE]
                                   a local folder; only one process at a time may hold it, but
                                   with read_only=true, any number may read beside it. SIZE is
                                   the memory for what was read, such as 64MiB
  lmdb:PATH[?sync=true|false]      a local folder that any number of processes may use at once
  cassandra://[USER@]HOST[:PORT][,HOST...]/KEYSPACE?table=TABLE[&...]
                                   a table of Cassandra, if this build has that backend;
                                   docs/operations.md describes all parameters
  memory:                          in memory, for experiments; it ends with the process
put and import create a store that does not exist; the other verbs do not.

Environment:
  BYTESTORE_STORE      the store to use if --store is not given
  CASSANDRA_PASSWORD   the password of USER, if neither the URI has it nor
                       password_file=PATH names a file that begins with it

Exit codes:
  0    everything was done, or the reader of the output went away
  1    some keys or files failed; they are listed on standard error, or only
       counted there if the store failed, so that the rest was not tried
  2    wrong usage, or a FILE or DIR that cannot be opened
  3    a key was not found
  4    the store cannot be reached, does not exist, or refused; nothing was done
  130  the command was stopped by Ctrl-C (SIGINT); 143 by SIGTERM. Standard error
       says what was done. A second Ctrl-C ends the command at once.

Keys are UTF-8 of 1 to 65,535 bytes. Write -- before keys that begin with a dash.
Example: bytestore --store rocksdb:./data put greeting hello.txt)";

/// Returns " get" if that verb was given, to complete a hint.
std::string given_verb(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? "" : " " + verbs.back()->get_name();
}

Failure usage_failure(const CLI::App& app, const std::string& problem) {
  return {ExitCode::usage, fmt::format("{}; see bytestore{} --help", problem, given_verb(app))};
}

/// Returns what is valid in place of an argument that was not understood: options, or verbs.
std::set<std::string> valid_words(const CLI::App& app, bool options) {
  std::set<std::string> words;
  if (!options) {
    for (const auto* verb : app.get_subcommands({})) words.insert(verb->get_name());
    return words;
  }
  std::vector<const CLI::App*> apps{&app};
  for (const auto* verb : app.get_subcommands()) apps.push_back(verb);
  for (const auto* one : apps) {
    for (const auto* option : one->get_options()) {
      for (const auto& name : option->get_lnames()) words.insert("--" + name);
    }
  }
  return words;
}

/// Returns the failure for the first argument that was not understood. Its value after `=`, and
/// anything that looks like a URI or a part of one, is not repeated, since it may contain a
/// password.
Failure unexpected(const CLI::App& app, const std::string& argument) {
  const bool is_option = argument.starts_with('-');
  const auto word = is_option ? argument.substr(0, argument.find('=')) : unmarked(argument);
  if (word.find_first_of(":@") != std::string::npos) {
    return usage_failure(app, "unexpected argument (--store names a store)");
  }
  const bool is_verb = !is_option && app.get_subcommands().empty();
  auto problem =
      fmt::format("{} {}", is_verb ? "there is no verb" : "unexpected argument", in_quotes(word));
  if (is_verb || is_option) {
    problem += fmt::format("; valid: {}", fmt::join(valid_words(app, is_option), ", "));
  }
  return usage_failure(app, problem);
}

void parse(CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> reversed;  // as CLI11 wants them
  for (int i = argc - 1; i > 0; --i) reversed.push_back(marked(argv[i]));
  app.parse(std::move(reversed));
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  Command command;
  CLI::App app("Keep values by key, in a local store or on a server.", "bytestore");
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("REQUIRED", "");
  app.get_formatter()->column_width(28);
  app.require_subcommand(0, 1);  // a missing verb is reported below, after unknown words
  app.footer(kFooter);
  app.set_version_flag("--version", std::string(version()), "print the version and exit");
  app.set_help_flag("-h,--help", "print this help and exit");
  add_text(app, "--store", command.uri, "the store to work on")
      ->type_name("URI")
      ->envname(kStoreVariable);
  add_verbs(app, command.run);

  try {
    parse(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.text = app.help(), .uri = {}, .run = {}};
  } catch (const CLI::CallForVersion&) {
    return {.text = fmt::format("{}\n", version()), .uri = {}, .run = {}};
  } catch (const CLI::ExtrasError&) {
    throw unexpected(app, app.remaining(true).front());
  } catch (const CLI::ConversionError&) {
    // Only flags are converted. The error shows their value, which may contain a password.
    throw usage_failure(app, "a flag was given a value; flags such as --json take none");
  } catch (const CLI::ParseError& error) {
    throw usage_failure(app, error.what());
  }
  if (!command.run) throw usage_failure(app, "a verb is needed");
  if (command.uri.empty()) {
    throw usage_failure(
        app, fmt::format("no store is given; write --store URI or set {}", kStoreVariable));
  }
  return command;
}

}  // namespace bytestore::cli
