using System.Management.Automation;
using System.Text;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Reports;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsData.Export, "P2VReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportP2VReportCommand : P2VCmdlet
{
    private readonly ReportRows rows = new();

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, Position = 0)]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string Title { get; set; } = "Linux machines to VMs";

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var item in InputObject)
        {
            try
            {
                Add(item);
            }
            catch (P2VException e)
            {
                WriteFailure(e, item);
            }
        }

        return Task.CompletedTask;
    }

    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        var file = ResolvePath(Path);
        var write = WriterOf(file);
        if (File.Exists(file) && !Force)
            throw new P2VException(
                ErrorIds.FileNotAccessible,
                $"The file '{file}' exists.",
                "Give another -Path, or -Force to overwrite it.",
                file
            );

        foreach (var finding in rows.Unmatched)
            WriteWarning($"A finding of '{finding.Source}' ({finding.Id}) belongs to no machine of the report, and is left out.");

        var report = rows.Make(Title);
        if (!ShouldProcess(file, $"Write a report of {report.Rows.Count} machine{(report.Rows.Count == 1 ? "" : "s")}"))
            return Task.CompletedTask;

        File.WriteAllText(file, write(report), new UTF8Encoding(false));
        WriteObject(new FileInfo(file));
        return Task.CompletedTask;
    }

    private static Func<Report, string> WriterOf(string file) =>
        System.IO.Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".html" or ".htm" => HtmlReport.Write,
            ".csv" => CsvReport.Write,
            ".json" => EngineJson.Describe,
            var other => throw new P2VException(
                ErrorIds.FileNotAccessible,
                $"'{other}' is no form of a report.",
                "Give a -Path that ends with .html, .csv or .json.",
                file
            ),
        };

    private void Add(PSObject item)
    {
        if (item.BaseObject is P2VFinding finding)
            rows.Add(finding);
        else if (item.BaseObject is P2VConversion conversion)
            rows.Add(ReportMapper.ToRow(conversion));
        else if (item.WasA(typeof(P2VConversion)))
            // What it was when it was stored would be an old story.
            rows.Add(ReportMapper.ToRow(ConversionMapper.ToObject(Engine.Conversions.Get($"{item.Properties["Id"]?.Value}"), Session)));
        else if (IsTask(item) && TaskTransformationAttribute.Read(item) is { } task)
            Add(task);
        else if (item.BaseObject is not string && SourceTransformationAttribute.Read(item) is { } source)
            Add(source);
        else
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{item}' ({item.BaseObject.GetType().Name}) has no place in a report.",
                "Give sources, tasks, conversions or findings: what Get-P2VSource, New-P2VTask, Get-P2VConversion and Test-P2VTask give.",
                item
            );
        }
    }

    private static bool IsTask(PSObject item) => item.BaseObject is P2VTask || item.WasA(typeof(P2VTask));

    private void Add(P2VTask given)
    {
        var (task, shown) = TaskReader.Read(Engine, given);
        rows.Add(ReportMapper.ToRow(shown, Engine.Inspect(task.Facts, task.Settings, task.Destination)));
    }

    private void Add(P2VSource given)
    {
        var (read, shown) = SourceReader.Read(Engine, given);
        rows.Add(ReportMapper.ToRow(shown, Engine.Inspect(read.Facts, null, Session.Servers.Default?.Connection?.Reference)));
    }
}
