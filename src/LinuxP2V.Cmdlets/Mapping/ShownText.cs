using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>Names and texts of a source as objects hold them: whoever prints or exports them needs no care.</summary>
internal static class ShownText
{
    /// <summary>Without characters that a terminal obeys, and without the beginning of a formula, which a spreadsheet would run.</summary>
    public static string Plain(this string text)
    {
        var line = PlainText.Line(text);
        return line is ['=' or '+' or '-' or '@', ..] ? "'" + line : line;
    }

    /// <inheritdoc cref="Plain(string)"/>
    public static string? PlainOrNull(this string? text) => text?.Plain();

    /// <inheritdoc cref="Plain(string)"/>
    public static string[] Plain(this IEnumerable<string> texts) => [.. texts.Select(Plain)];
}
