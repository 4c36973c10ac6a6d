using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Engine.Files;

namespace LinuxP2V.Engine.Ssh;

/// <summary>What is known of one host: keys to trust, keys never to trust.</summary>
internal sealed record KnownHostKeys(IReadOnlyList<HostKey> Trusted, IReadOnlyList<HostKey> Revoked);

/// <summary>
/// OpenSSH's known_hosts: plain, hashed and wildcard names, ports, @revoked. @cert-authority lines are passed over, as
/// no host certificates are asked for.
/// </summary>
internal static class KnownHosts
{
    private static readonly object WriteGate = new();

    /// <summary>Another session may be writing to the file, or a scanner reading it.</summary>
    private static readonly FileRetry Retry = new(TimeSpan.FromSeconds(3));

    /// <summary>The name that a host has in the file.</summary>
    public static string NameOf(string host, int port)
    {
        var name = host.ToLowerInvariant();
        return port == 22 ? name : string.Format(CultureInfo.InvariantCulture, "[{0}]:{1}", name, port);
    }

    public static KnownHostKeys Find(IEnumerable<string> paths, string name)
    {
        var trusted = new List<HostKey>();
        var revoked = new List<HostKey>();
        foreach (var line in paths.SelectMany(ReadLines))
        {
            if (Parse(line) is not { } entry || !Matches(entry.Names, name))
                continue;

            (entry.IsRevoked ? revoked : trusted).Add(entry.Key);
        }

        return new KnownHostKeys(trusted, revoked);
    }

    /// <summary>Appends one line in one write; makes the folder and the file, for the user alone, where they are missing.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static void Append(string path, string name, HostKey key)
    {
        lock (WriteGate)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (folder is not null && !Directory.Exists(folder))
                PrivateFolder.Create(folder);

            using var stream = Retry.Run(() => PrivateFile.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
            var line = $"{name} {key}\n";
            if (stream.Length > 0)
            {
                stream.Seek(-1, SeekOrigin.End);
                line = stream.ReadByte() == '\n' ? line : "\n" + line;
            }

            var bytes = Encoding.ASCII.GetBytes(line);
            stream.Seek(0, SeekOrigin.End);
            stream.Write(bytes, 0, bytes.Length);
            stream.Flush(flushToDisk: true);
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            // Shared for writing: another session may be adding a line.
            using var stream = Retry.Run(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Split('\n');
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static Entry? Parse(string line)
    {
        var fields = line.Trim().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 3 || fields[0].StartsWith("#", StringComparison.Ordinal))
            return null;

        if (!fields[0].StartsWith("@", StringComparison.Ordinal))
            return new Entry(false, fields[0], new HostKey(fields[1], fields[2]));

        return fields[0] == "@revoked" && fields.Length >= 4 ? new Entry(true, fields[1], new HostKey(fields[2], fields[3])) : null;
    }

    private static bool Matches(string names, string name)
    {
        if (names.StartsWith("|1|", StringComparison.Ordinal))
            return MatchesHash(names, name);

        var matches = false;
        foreach (var pattern in names.Split(','))
        {
            if (pattern.StartsWith("!", StringComparison.Ordinal))
            {
                if (MatchesPattern(pattern.Substring(1).ToLowerInvariant(), name))
                    return false;
            }
            else
            {
                matches |= MatchesPattern(pattern.ToLowerInvariant(), name);
            }
        }

        return matches;
    }

    private static bool MatchesHash(string names, string name)
    {
        var parts = names.Split('|');
        if (parts.Length != 4)
            return false;

        try
        {
            // The file format's own choice of hash.
#pragma warning disable CA5350
            using var hmac = new HMACSHA1(Convert.FromBase64String(parts[2]));
#pragma warning restore CA5350
            return Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(name))) == parts[3];
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>* and ? as in OpenSSH: brackets stand for themselves.</summary>
    private static bool MatchesPattern(string pattern, string name, int p = 0, int n = 0)
    {
        for (; p < pattern.Length; p++, n++)
        {
            if (pattern[p] == '*')
            {
                for (var rest = n; rest <= name.Length; rest++)
                {
                    if (MatchesPattern(pattern, name, p + 1, rest))
                        return true;
                }

                return false;
            }

            if (n >= name.Length || (pattern[p] != '?' && pattern[p] != name[n]))
                return false;
        }

        return n == name.Length;
    }

    private sealed record Entry(bool IsRevoked, string Names, HostKey Key);
}
