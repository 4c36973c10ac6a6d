using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Services;

/// <summary>
/// Files of the source that programs have mapped into memory for writing. Such a write moves no time stamp by itself, so
/// the contents of these files are compared whatever the times say. A file is known by its inode number: a program in a
/// container names it by another path.
/// </summary>
internal sealed class MappedFiles
{
    private const string Script = """
        export LC_ALL=C
        for folder in /proc/[0-9]*; do
          lines=$(grep -E '^[0-9a-f]+-[0-9a-f]+ .w.s ' "$folder/maps" 2>/dev/null)
          case $? in
            0) printf 'process %s %s\n%s\n' "${folder#/proc/}" "$(tr -d '\n' < "$folder/comm" 2>/dev/null)" "$lines" ;;
            1) ;;
            *) [ ! -d "$folder" ] || echo unreadable ;;
          esac
        done
        echo end
        """;

    private readonly Dictionary<ulong, MappedFile> byInode = [];

    private MappedFiles() { }

    /// <summary>Processes of the source whose maps could not be read, as happens to a user who is not root.</summary>
    public int UnreadableProcesses { get; private set; }

    /// <exception cref="AgentException">ServiceNotStopped: the source cannot tell. As the source's commands.</exception>
    public static async Task<MappedFiles> ReadAsync(ISource source, CancellationToken cancellationToken)
    {
        var result = await source.RunAsync(Script, cancellationToken);
        return Parse(result.Output)
            ?? throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{source.Name} did not tell which files its programs have mapped into memory.",
                "See what it says below, put it right and try again.",
                result.Error.Trim()
            );
    }

    /// <returns>Null when the answer is not whole.</returns>
    public static MappedFiles? Parse(string answer)
    {
        var files = new MappedFiles();
        var process = "";
        var isWhole = false;
        foreach (var line in answer.Split('\n'))
        {
            if (line.StartsWith("process ", StringComparison.Ordinal))
                process = ProcessOf(line);
            else if (line == "unreadable")
                files.UnreadableProcesses++;
            else if (line == "end")
                isWhole = true;
            else
                files.Add(line, process);
        }

        return isWhole ? files : null;
    }

    public bool Contains(ulong inode) => byInode.ContainsKey(inode);

    /// <summary>The program that has this file mapped, for people; null where none has.</summary>
    /// <param name="name">Of the file, without its folder: two file systems may number files alike.</param>
    public string? ProgramOf(ulong inode, ReadOnlySpan<byte> name) =>
        byInode.TryGetValue(inode, out var file) && name.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(file.Name)) ? file.Process : null;

    /// <summary>What was mapped then or is mapped now.</summary>
    public MappedFiles With(MappedFiles earlier)
    {
        var both = new MappedFiles { UnreadableProcesses = Math.Max(UnreadableProcesses, earlier.UnreadableProcesses) };
        foreach (var (inode, file) in earlier.byInode.Concat(byInode))
            both.byInode[inode] = file;

        return both;
    }

    /// <param name="line">"process NUMBER NAME".</param>
    private static string ProcessOf(string line) => line.Split(' ', 3) is [_, var number, var name] ? $"{name}, process {number}" : "";

    /// <param name="line">As in /proc/PID/maps: addresses, rights, offset, device, inode, path.</param>
    private void Add(string line, string process)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (
            fields is [_, _, _, _, var number, var path]
            && path.StartsWith('/')
            && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            && inode > 0
        )
        {
            byInode[inode] = new MappedFile(path[(path.LastIndexOf('/') + 1)..], process);
        }
    }

    private sealed record MappedFile(string Name, string Process);
}
