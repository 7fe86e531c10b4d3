//! Help texts.

use super::Command;

/// One line for each command that is not hidden, what they do in a column.
pub(super) fn overview<'a>(prefix: &str, commands: impl IntoIterator<Item = &'a Command>) -> String {
    let shown: Vec<_> = commands.into_iter().filter(|command| !command.is_hidden).collect();
    let usages: Vec<_> = shown.iter().map(|command| usage(prefix, command)).collect();
    let width = usages.iter().map(|usage| usage.chars().count()).max().unwrap_or(0);
    let line =
        |(command, usage): (&&Command, &String)| format!("{usage:width$}  {}", command.about).trim_end().to_owned();
    shown.iter().zip(&usages).map(line).collect::<Vec<_>>().join("\n")
}

/// All about one command.
pub(super) fn details(prefix: &str, command: &Command) -> String {
    let mut lines = vec![usage(prefix, command)];
    if !command.about.is_empty() {
        lines.push(command.about.clone());
    }
    if !command.aliases().is_empty() {
        lines.push(format!("also: {}", command.aliases().join(", ")));
    }
    lines.join("\n")
}

/// How a command is used: `*expert <level> <name...>`.
pub(super) fn usage(prefix: &str, command: &Command) -> String {
    format!("{prefix}{} {}", command.name(), command.usage).trim_end().to_owned()
}
