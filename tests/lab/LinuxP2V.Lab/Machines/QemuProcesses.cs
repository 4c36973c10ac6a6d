using System.Diagnostics;
using System.Globalization;

namespace LinuxP2V.Lab.Machines;

/// <summary>
/// Finds QEMU processes by the pid files that they and the product leave. An id can be another's by now: the process
/// must be QEMU and carry the pid file's path, or the UUID of the VM description beside it.
/// </summary>
internal static class QemuProcesses
{
    private static readonly string[] PidFiles = ["pid", "qemu.pid"];

    public static int? Find(string pidFile)
    {
        try
        {
            var id = int.Parse(File.ReadAllText(pidFile).Trim(), CultureInfo.InvariantCulture);
            return Arguments(id) is { } arguments && Marks(pidFile).Any(arguments.Contains) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            return null;
        }
    }

    public static bool IsRunning(int id) => Arguments(id) is not null;

    public static IEnumerable<int> FindBelow(string folder) =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*pid", SearchOption.AllDirectories)
                .Where(file => PidFiles.Contains(Path.GetFileName(file)))
                .Select(Find)
                .OfType<int>()
                .ToList()
            : [];

    public static async Task KillAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            return;
        }

        while (Arguments(id) is not null)
        {
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Null when there is no such QEMU; of one that has ended but was not collected yet the command line is empty.</summary>
    private static string[]? Arguments(int id)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
            return Path.GetFileName(arguments[0]).StartsWith("qemu-system", StringComparison.Ordinal) ? arguments : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Marks(string pidFile)
    {
        yield return Path.GetFullPath(pidFile);
        var description = Path.Combine(Path.GetDirectoryName(pidFile)!, "vm.json");
        if (File.Exists(description))
        {
            using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(description));
            if (json.RootElement.TryGetProperty("uuid", out var uuid) && uuid.GetString() is { } text)
            {
                yield return text;
            }
        }
    }
}
