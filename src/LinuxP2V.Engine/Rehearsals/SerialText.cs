using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>What a machine wrote to a serial port, as lines that can be shown.</summary>
internal static class SerialText
{
    /// <summary>Colours and cursor movements of a terminal.</summary>
    private static readonly Regex Escape = new(@"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[@-Z\\^_=>78])", RegexOptions.CultureInvariant);

    private static readonly char[] Ends = ['\r', '\n'];

    /// <summary>Without empty ones and without trailing blanks. A menu that is drawn anew comes as often as it was drawn.</summary>
    public static IReadOnlyList<string> Lines(string text) =>
        [
            .. Escape
                .Replace(text, "")
                .Split(Ends, StringSplitOptions.RemoveEmptyEntries)
                .Select(line => PlainText.Line(line.Replace('\t', ' ')).TrimEnd())
                .Where(line => line.Length > 0),
        ];
}
