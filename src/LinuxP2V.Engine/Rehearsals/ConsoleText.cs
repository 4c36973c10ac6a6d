using System.Text.RegularExpressions;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>What the text of a machine's console says of its boot, where it has one on its serial port.</summary>
internal static class ConsoleText
{
    /// <summary>The last line, as who logs in sees it: web01 login:</summary>
    private static readonly Regex Login = new(@"(^|\s)login:$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    private static readonly Regex Stop = new(
        @"Kernel panic - not syncing|^grub rescue>|^grub>$|^\(initramfs\)|Entering emergency mode|You are in emergency mode"
            + @"|Give root password for maintenance|^dracut:/#|No bootable device",
        RegexOptions.CultureInvariant
    );

    public static bool HasLoginPrompt(IReadOnlyList<string> lines) => lines.Count > 0 && Login.IsMatch(lines[lines.Count - 1]);

    /// <summary>A line after which no machine goes on by itself.</summary>
    /// <returns>Null: there is none.</returns>
    public static string? FindStop(IReadOnlyList<string> lines) => lines.FirstOrDefault(line => Stop.IsMatch(line));
}
