using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>The copy's host name, where its family of systems writes it, and where other files repeat it.</summary>
internal static class HostName
{
    private const string Why = "the copy gets another host name";

    /// <summary>Files that hold the name and nothing else.</summary>
    private static readonly string[] Plain = ["/etc/hostname", "/etc/HOSTNAME", "/etc/mailname"];

    /// <summary>Red Hat before 7, and Gentoo.</summary>
    private static readonly string[] Assigned = ["/etc/sysconfig/network", "/etc/conf.d/hostname"];

    private static readonly Regex Assignment = new(
        @"^(?<start>[ \t]*(?:HOSTNAME|hostname)[ \t]*=[ \t]*)(?<value>""[^""\n]*""|'[^'\n]*'|[^\s#]*)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex Word = new(@"[^\s#]+|#.*", RegexOptions.CultureInvariant);

    public static void Plan(string concern, GuestContext context, string name)
    {
        var files = context.Files;
        var before =
            Plain.Take(2).Select(path => FirstLine(files, path)).FirstOrDefault(found => found.Length > 0)
            ?? Assigned.Select(path => Value(files.TryReadText(path) ?? "")).FirstOrDefault(found => found.Length > 0)
            ?? "";
        foreach (var path in Plain.Where(path => files.Entry(path) is { Kind: EntryKind.File }))
        {
            if (path != "/etc/mailname" || IsOfSource(FirstLine(files, path), before))
                context.Write(concern, path, name + "\n", $"says {name}", Why);
        }

        foreach (var path in Assigned.Where(files.FileExists))
            context.Write(concern, path, Assignment.Replace(files.ReadText(path), $"${{start}}\"{name}\"", 1), $"says {name}", Why);

        if (!Plain.Take(2).Concat(Assigned).Any(files.FileExists))
            context.Write(concern, "/etc/hostname", name + "\n", $"says {name}", Why);

        if (before.Length > 0 && files.TryReadText("/etc/hosts") is { } hosts)
            context.Write(concern, "/etc/hosts", Renamed(hosts, before, name), $"names {name}", Why);
    }

    /// <summary>Each word of a line but its address, and no comment.</summary>
    private static string Renamed(string hosts, string before, string name)
    {
        var (oldShort, newShort) = (Short(before), Short(name));
        return string.Join("\n", hosts.Split('\n').Select(RenamedLine));

        string RenamedLine(string line)
        {
            var isAddress = true;
            return Word.Replace(
                line,
                match =>
                {
                    var isFirst = isAddress;
                    isAddress = false;
                    return isFirst ? match.Value
                        : Same(match.Value, oldShort) ? newShort
                        // The source's name with a domain, whether its host name has one or not.
                        : Same(match.Value, before) || match.Value.StartsWith(oldShort + ".", StringComparison.OrdinalIgnoreCase)
                            ? name.IndexOf('.') >= 0 ? name
                                : newShort + match.Value[oldShort.Length..]
                        : match.Value;
                }
            );
        }
    }

    private static bool IsOfSource(string found, string before) =>
        before.Length > 0
        && (Same(found, before) || Same(found, Short(before)) || found.StartsWith(Short(before) + ".", StringComparison.OrdinalIgnoreCase));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Short(string name) => name.Split('.')[0];

    private static string Value(string text) =>
        Assignment.Match(text) is { Success: true } match ? match.Groups["value"].Value.Trim('"', '\'') : "";

    private static string FirstLine(GuestTree files, string path) =>
        (files.TryReadText(path) ?? "").Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#')
        ?? "";
}
