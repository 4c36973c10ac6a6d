using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Mounts and unmounts in the helper.</summary>
internal static class Mounts
{
    private const int Attempts = 20;

    /// <exception cref="AgentException">MountFailed.</exception>
    public static async Task MountAsync(string source, string folder, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        (await Tool.RunAsync("mount", [.. arguments, source, folder], cancellationToken)).OrThrow(
            ErrorIds.MountFailed,
            $"{source} could not be mounted at {folder}.",
            "Read the tool's output; restart the helper VM and run the conversion again."
        );
    }

    /// <summary>Lays one file over another.</summary>
    /// <exception cref="AgentException">MountFailed.</exception>
    public static async Task MountFileAsync(string source, string file, CancellationToken cancellationToken) =>
        (await Tool.RunAsync("mount", ["--bind", source, file], cancellationToken)).OrThrow(
            ErrorIds.MountFailed,
            $"{source} could not be mounted over {file}.",
            "Read the tool's output; restart the helper VM and try again."
        );

    /// <summary>Unmounts everything at and below a folder, the innermost first, and waits for programs that are just ending.</summary>
    /// <exception cref="AgentException">MountFailed: something still uses it.</exception>
    public static async Task UnmountTreeAsync(string folder, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var mounted = Below(folder, await File.ReadAllTextAsync("/proc/self/mountinfo", cancellationToken));
            if (mounted.Count == 0)
            {
                return;
            }

            var result = await Tool.RunAsync("umount", [mounted[0]], cancellationToken);
            if (result.Succeeded)
            {
                attempt = 0;
                continue;
            }

            if (attempt == Attempts)
            {
                result.OrThrow(
                    ErrorIds.MountFailed,
                    $"{mounted[0]} could not be unmounted.",
                    "A program in the helper still uses it: restart the helper VM; what was copied stays."
                );
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
        }
    }

    /// <summary>Mount points at and below a folder, the last one mounted first.</summary>
    public static IReadOnlyList<string> Below(string folder, string mountInfo)
    {
        var root = folder.TrimEnd('/');
        return
        [
            .. mountInfo
                .Split('\n')
                .Select(line => line.Split(' '))
                .Where(fields => fields.Length > 4)
                .Select(fields => Unescape(fields[4]))
                .Where(point => point == root || point.StartsWith(root + "/", StringComparison.Ordinal))
                .Reverse(),
        ];
    }

    /// <summary>The kernel writes space, tab, newline and backslash as \ooo.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var text = new StringBuilder();
        for (var index = 0; index < field.Length; index++)
        {
            if (
                field[index] == '\\'
                && index + 3 < field.Length
                && int.TryParse(field.AsSpan(index + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            )
            {
                text.Append((char)Convert.ToInt32(field.Substring(index + 1, 3), 8));
                index += 3;
            }
            else
            {
                text.Append(field[index]);
            }
        }

        return text.ToString();
    }
}
