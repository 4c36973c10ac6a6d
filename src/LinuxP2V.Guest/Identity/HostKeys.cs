using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>The keys by which SSH knows a host: the copy gets its own, of the same kinds.</summary>
internal static class HostKeys
{
    private const string Finding = "HostKeysKept";

    private static readonly Regex OpenSsh = new(
        @"^/etc/ssh/ssh_host_(?:(?<kind>[a-z0-9]+)_)?key$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    private static readonly Regex Dropbear = new(
        @"^/etc/dropbear/dropbear_(?<kind>[a-z0-9]+)_host_key$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    private static readonly Regex Elsewhere = new(
        @"^[ \t]*HostKey[ \t]+(?<path>/\S+)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase
    );

    /// <summary>Kinds that programs still make.</summary>
    private static readonly string[] Made = ["rsa", "ecdsa", "ed25519"];

    public static void Plan(string concern, GuestContext context)
    {
        Renew(concern, context, context.Files.Files("/etc/ssh", "ssh_host_*key"), OpenSsh, "ssh-keygen", ["-q", "-N", ""]);
        Renew(concern, context, context.Files.Files("/etc/dropbear", "dropbear_*_host_key"), Dropbear, "dropbearkey", []);
        var others = context
            .Files.Files("/etc/ssh/sshd_config.d", "*.conf")
            .Append("/etc/ssh/sshd_config")
            .Select(path => context.Files.TryReadText(path) ?? "")
            .SelectMany(text => Elsewhere.Matches(text).Cast<Match>())
            .Select(match => match.Groups["path"].Value)
            .Where(path => !OpenSsh.IsMatch(path))
            .Distinct()
            .ToList();
        foreach (var path in others)
            Keep(context, path, "it is not where host keys usually are");
    }

    private static void Renew(
        string concern,
        GuestContext context,
        IReadOnlyList<string> keys,
        Regex name,
        string program,
        string[] options
    )
    {
        var hasProgram = context.Files.Program(program) is not null;
        foreach (var key in keys.Where(key => name.IsMatch(key)))
        {
            if (!hasProgram)
            {
                Keep(context, key, $"the copy has no {program}");
                continue;
            }

            var kind = name.Match(key).Groups["kind"].Value;
            context.RemoveSecret(concern, key, "it is the source's");
            foreach (
                var companion in new[] { $"{key}.pub", $"{key}-cert.pub" }.Where(path =>
                    context.Files.Entry(path) is { Kind: EntryKind.File }
                )
            )
                context.Remove(concern, companion, "it belongs to the source's key");

            if (Made.Contains(kind))
                context.Run(new HostKeyBuild(concern, key, program, [.. options, "-t", kind, "-f", key]), key);
        }
    }

    private static void Keep(GuestContext context, string key, string why) =>
        context.Warn(
            Finding,
            key,
            $"The copy keeps the source's host key {key}, as {why}.",
            "Make another one in the VM: ssh-keygen -A makes those that are missing."
        );
}
