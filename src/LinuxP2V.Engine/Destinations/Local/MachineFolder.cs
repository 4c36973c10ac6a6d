using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>One VM's folder: the names of its files, and the reading and writing of vm.json.</summary>
internal sealed class MachineFolder(string path)
{
    public const string Description = "vm.json";
    public const string Nvram = "nvram.fd";
    public const string Settings = "settings.json";
    public const string HelperLog = "helper.log";
    public const string ConsoleLog = "console.log";

    /// <summary>What a twin says on its second serial port.</summary>
    public const string BootReport = "boot-report.log";
    public const string Screenshot = "screen.png";
    public const string HelperSocket = "serial1.sock";

    /// <summary>All that the helper said on its second serial port, so that its last message can be read after it ended.</summary>
    public const string HelperLines = "serial1.log";
    public const string QmpSocket = "qmp.sock";
    public const string PidFile = "qemu.pid";
    public const string StartScript = "start.sh";

    public string Path { get; } = path;

    public string Name => System.IO.Path.GetFileName(Path);

    public bool Exists => File.Exists(this[Description]);

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public static string DiskFile(int number, DiskImageFormat format) =>
        $"disk-{number}.{(format == DiskImageFormat.Raw ? "raw" : "qcow2")}";

    public static string ExportFile(int number) => $"disk-{number}.vmdk";

    /// <summary>What the VM of a twin has overwritten since the twin was made.</summary>
    public static string OverwrittenFile(int number) => $"overwritten-{number}.qcow2";

    /// <exception cref="P2VException">MachineNotFound: no VM of ours, or its description is damaged.</exception>
    public MachineDescription Load()
    {
        string text;
        try
        {
            text = File.ReadAllText(this[Description]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotFound($"There is no VM of LinuxP2V in {Path}.", exception);
        }

        try
        {
            return JsonSerializer.Deserialize<MachineDescription>(text, EngineJson.Options) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw NotFound($"The description {this[Description]} of the VM is damaged: {exception.Message}", exception);
        }
    }

    public void Save(MachineDescription description) => Replace(Description, JsonSerializer.Serialize(description, EngineJson.Options));

    public void SaveSettings(HelperSettings settings) =>
        Replace(Settings, JsonSerializer.Serialize(settings, ProtocolJson.Default.HelperSettings));

    /// <summary>The last lines of a log, for an error message; empty when there are none.</summary>
    public string LastLines(string file, int count = 5)
    {
        var lines = ReadEnd(file, 4096).Split('\n').Select(Printable).Where(line => line.Length > 0).ToList();
        return string.Join(" / ", lines.Skip(Math.Max(0, lines.Count - count)));
    }

    /// <summary>The newest part of a log that somebody else may be writing; empty when there is none.</summary>
    /// <param name="length">In bytes, at most.</param>
    public string ReadEnd(string file, int length)
    {
        try
        {
            using var stream = new FileStream(this[file], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, length), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Deletes what this destination made and nothing else; the folder too when that empties it.</summary>
    public void Delete(MachineDescription description)
    {
        var files = description
            .DiskFiles.Concat(
                Enumerable.Range(0, description.DiskFiles.Count).SelectMany(number => new[] { ExportFile(number), OverwrittenFile(number) })
            )
            .Concat([
                Nvram,
                Settings,
                HelperLog,
                ConsoleLog,
                BootReport,
                Screenshot,
                HelperSocket,
                HelperLines,
                QmpSocket,
                PidFile,
                StartScript,
            ]);
        foreach (var file in files)
            File.Delete(this[file]);

        // Last: until then a repeated delete finds what is left.
        File.Delete(this[Description]);
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
            Directory.Delete(Path);
    }

    private void Replace(string file, string text)
    {
        var temporary = this[file + ".new"];
        File.WriteAllText(temporary, text);
        PosixFile.MoveOver(temporary, this[file]);
    }

    private static string Printable(string line) => new string([.. line.Where(c => !char.IsControl(c))]).Trim();

    private P2VException NotFound(string cause, Exception inner) =>
        new(
            ErrorIds.MachineNotFound,
            cause,
            "Name the folder that the VM was made in with Connect-P2VServer -LocalPath, or make the conversion anew.",
            Name,
            inner
        );
}
