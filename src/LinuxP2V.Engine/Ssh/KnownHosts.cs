using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Engine.Files;

namespace LinuxP2V.Engine.Ssh;

/// <summary>What is known of one host.</summary>
/// <param name="Trusted">Its own keys.</param>
/// <param name="Revoked">Keys never to trust.</param>
/// <param name="Authorities">Keys whose certificates for the host are trusted.</param>
internal sealed record KnownHostKeys(IReadOnlyList<HostKey> Trusted, IReadOnlyList<HostKey> Revoked, IReadOnlyList<HostKey> Authorities)
{
    public static KnownHostKeys None { get; } = new([], [], []);
}

/// <summary>
/// OpenSSH's known_hosts: plain, hashed and wildcard names, ports, @revoked, @cert-authority. What is no key, such as a line
/// of SSH 1, is passed over, as ssh does.
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
        var found = new List<Entry>();
        foreach (var line in paths.SelectMany(ReadLines))
        {
            if (Parse(line) is { } entry && Matches(entry.Names, name))
                found.Add(entry);
        }

        return new KnownHostKeys(Marked(""), Marked("@revoked"), Marked("@cert-authority"));

        List<HostKey> Marked(string mark) => [.. found.Where(entry => entry.Mark == mark).Select(entry => entry.Key)];
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

        var mark = fields[0].StartsWith("@", StringComparison.Ordinal) ? fields[0] : "";
        if (mark.Length > 0)
            fields = [.. fields.Skip(1)];

        return fields.Length >= 3 && IsKey(fields[1], fields[2]) ? new Entry(mark, fields[0], new HostKey(fields[1], fields[2])) : null;
    }

    private static bool IsKey(string algorithm, string base64)
    {
        try
        {
            return HostKey.FromBlob(Convert.FromBase64String(base64)).Algorithm == algorithm;
        }
        catch (FormatException)
        {
            return false;
        }
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
    internal static bool MatchesPattern(string pattern, string name, int p = 0, int n = 0)
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

    /// <param name="Mark">@revoked, @cert-authority or nothing.</param>
    private sealed record Entry(string Mark, string Names, HostKey Key);
}
