using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using System.Security;

namespace LinuxP2V.Host.Console;

internal sealed class ConsoleUI(Screen screen, bool nonInteractive) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUI(screen);

    public override bool SupportsVirtualTerminal => screen.IsTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null;

    public override string ReadLine()
    {
        RefuseIfUnattended();
        return ReadPlain();
    }

    public override SecureString ReadLineAsSecureString()
    {
        RefuseIfUnattended();
        return new NetworkCredential("", ReadHidden()).SecurePassword;
    }

    public override void Write(string value) => screen.Write(Plain(value));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => screen.Write(Colored(foregroundColor, value));

    public override void WriteLine() => screen.Write("\n");

    public override void WriteLine(string value) => screen.Write(Plain(value) + "\n");

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        screen.Write(Colored(foregroundColor, value) + "\n");

    public override void WriteErrorLine(string value) => screen.WriteError(Plain(value));

    public override void WriteDebugLine(string message) => screen.Write(Colored(ConsoleColor.Gray, "DEBUG: " + message) + "\n");

    public override void WriteVerboseLine(string message) => screen.Write(Colored(ConsoleColor.Gray, "VERBOSE: " + message) + "\n");

    public override void WriteWarningLine(string message) => screen.Write(Colored(ConsoleColor.Yellow, "WARNING: " + message) + "\n");

    public override void WriteProgress(long sourceId, ProgressRecord record) => screen.Show(record);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        WriteHeading(caption, message);
        var answers = new Dictionary<string, PSObject>();
        foreach (var field in descriptions)
        {
            screen.Write(field.Name + ": ");
            object answer = field.ParameterTypeFullName == typeof(SecureString).FullName ? ReadLineAsSecureString() : ReadLine();
            answers[field.Name] = PSObject.AsPSObject(answer);
        }

        return answers;
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        RefuseIfUnattended();
        WriteHeading(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            screen.Write("User: ");
            userName = ReadLine();
        }

        screen.Write($"Password for {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RefuseIfUnattended();
        WriteHeading(caption, message);
        var keys = choices.Select(c => KeyOf(c.Label)).ToList();
        while (true)
        {
            for (var i = 0; i < choices.Count; i++)
                screen.Write($"[{keys[i]}] {choices[i].Label.Replace("&", "", StringComparison.Ordinal)}  ");
            screen.Write("[?] Help" + (defaultChoice >= 0 ? $" (default is \"{keys[defaultChoice]}\"): " : ": "));
            var answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            var chosen = keys.FindIndex(k => string.Equals(k, answer, StringComparison.OrdinalIgnoreCase));
            if (chosen < 0)
                chosen = choices.ToList().FindIndex(c => string.Equals(c.Label.Replace("&", "", StringComparison.Ordinal), answer, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
                return chosen;
            foreach (var (key, choice) in keys.Zip(choices))
                WriteLine($"{key} - {choice.HelpMessage}");
        }
    }

    private static string KeyOf(string label)
    {
        var mark = label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < label.Length ? label[mark + 1].ToString().ToUpper(CultureInfo.InvariantCulture) : label;
    }

    /// <summary>An empty answer to a question nobody sees would be taken for a decision.</summary>
    private void RefuseIfUnattended()
    {
        if (nonInteractive)
            throw new PSInvalidOperationException("p2vsh runs with -NonInteractive and cannot ask. Give the value as a parameter, or -Confirm:$false.");
    }

    private void WriteHeading(string caption, string message)
    {
        foreach (var line in new[] { caption, message }.Where(l => !string.IsNullOrEmpty(l)))
            WriteLine(line);
    }

    /// <summary>The end of the input is no answer.</summary>
    private static string ReadPlain() => System.Console.In.ReadLine()
        ?? throw new PSInvalidOperationException("A question was asked and the input has ended.");

    private string ReadHidden()
    {
        if (System.Console.IsInputRedirected)
            return ReadPlain();
        var text = "";
        while (true)
        {
            var key = System.Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
                break;
            if (key.Key == ConsoleKey.Backspace)
                text = text.Length > 0 ? text[..^1] : text;
            else if (!char.IsControl(key.KeyChar))
                text += key.KeyChar;
        }

        screen.Write("\n");
        return text;
    }

    private string Plain(string value) => GetOutputString(value, SupportsVirtualTerminal);

    private string Colored(ConsoleColor color, string value)
    {
        if (!SupportsVirtualTerminal)
            return Plain(value);
        var code = color switch
        {
            ConsoleColor.Red or ConsoleColor.DarkRed => "31",
            ConsoleColor.Green or ConsoleColor.DarkGreen => "32",
            ConsoleColor.Yellow or ConsoleColor.DarkYellow => "33",
            ConsoleColor.Blue or ConsoleColor.DarkBlue => "34",
            ConsoleColor.Magenta or ConsoleColor.DarkMagenta => "35",
            ConsoleColor.Cyan or ConsoleColor.DarkCyan => "36",
            ConsoleColor.Gray or ConsoleColor.DarkGray => "90",
            _ => "39",
        };
        return $"\e[{code}m{value}\e[0m";
    }
}
