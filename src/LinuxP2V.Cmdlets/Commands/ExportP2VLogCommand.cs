using System.IO.Compression;
using System.Management.Automation;
using System.Text;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsData.Export, "P2VLog", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportP2VLogCommand : ConversionCmdlet
{
    /// <summary>A folder, in which each conversion gets a zip of its own, or a file for one conversion.</summary>
    [Parameter(Position = 1)]
    [Alias("DestinationPath", "FilePath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private readonly HashSet<string> written = [];

    protected override Task ProcessAsync(CancellationToken cancellationToken) => ForEachConversionAsync(Export);

    private Task Export(Conversion conversion)
    {
        var file = ResolvePath(Path);
        if (Directory.Exists(file))
            file = System.IO.Path.Combine(file, FileNameFor(conversion));
        if (!ShouldProcess(file, $"Write the log of {conversion.Task.Name} ({conversion.Id})"))
            return Task.CompletedTask;
        var isOfAnother = written.Contains(file);
        if (File.Exists(file) && (!Force || isOfAnother))
        {
            var advice = isOfAnother
                ? "Give a folder as -Path: each conversion gets a file of its own there."
                : "Give another -Path, or -Force to overwrite it.";
            WriteError(
                new ErrorRecord(new IOException($"The file '{file}' exists."), "FileExists", ErrorCategory.ResourceExists, file)
                {
                    ErrorDetails = new ErrorDetails($"The file '{file}' exists.") { RecommendedAction = advice },
                }
            );
            return Task.CompletedTask;
        }

        WriteWhole(file, conversion);
        written.Add(file);
        WriteObject(new FileInfo(file));
        return Task.CompletedTask;
    }

    /// <summary>All of it or nothing: a file that was there stays until the new one is whole.</summary>
    private void WriteWhole(string file, Conversion conversion)
    {
        using var log = OpenLog(Engine.Conversions.GetLogPath(conversion.Id));
        using var rehearsalLog = OpenLog(Engine.Conversions.FindRehearsalLog(conversion.Id));
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            Write(temporary, log, rehearsalLog, conversion);
            File.Delete(file);
            File.Move(temporary, file);
        }
        catch (Exception e) when (FileFailure.IsOne(e))
        {
            TemporaryFile.TryDelete(temporary);
            throw FileFailure.ToError(e, ErrorIds.FileNotAccessible, file, "write the log to", "Give another -Path.");
        }
    }

    private static FileStream? OpenLog(string? log)
    {
        try
        {
            // The driver may be writing to it.
            return File.Exists(log) ? new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
        }
        catch (Exception e) when (FileFailure.IsOne(e))
        {
            throw FileFailure.ToError(e, ErrorIds.StateNotAccessible, log!, "read the log");
        }
    }

    private void Write(string file, Stream? log, Stream? rehearsalLog, Conversion conversion)
    {
        using var stream = new FileStream(file, FileMode.CreateNew);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        Add(zip, "conversion.log", log);
        Add(zip, "rehearsal.log", rehearsalLog);
        foreach (var picture in Engine.Conversions.FindRehearsal(conversion.Id)?.Screenshots.Where(File.Exists) ?? [])
            zip.CreateEntryFromFile(picture, System.IO.Path.GetFileName(picture));

        Add(zip, "task.json", Engine.Serialize(conversion.Task));
        Add(zip, "conversion.json", Engine.Describe(ConversionMapper.ToObject(conversion, Session)));
    }

    private static void Add(ZipArchive zip, string name, Stream? content)
    {
        if (content is null)
            return;

        using var entry = zip.CreateEntry(name).Open();
        content.CopyTo(entry);
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open(), new UTF8Encoding(false));
        writer.Write(text);
    }

    private static string FileNameFor(Conversion conversion)
    {
        var invalid = System.IO.Path.GetInvalidFileNameChars();
        var name = string.Concat(conversion.Task.Name.Select(c => invalid.Contains(c) ? '_' : c));
        return $"{name}-{conversion.Id}.zip";
    }
}
