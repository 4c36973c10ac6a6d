using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Reads a file and makes an object in memory, hence no ShouldProcess.</summary>
[Cmdlet(VerbsCommon.New, "P2VHook", DefaultParameterSetName = OfFile)]
[OutputType(typeof(P2VHook))]
public sealed class NewP2VHookCommand : P2VCmdlet
{
    private const string OfFile = "File";
    private const string OfText = "Text";

    /// <summary>What a name cannot hold.</summary>
    private static readonly Regex Unusual = new("[^A-Za-z0-9._-]+", RegexOptions.CultureInvariant);

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OfFile, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = OfText)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string Script { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)]
    public P2VHookMoment Moment { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? Name { get; set; }

    [Parameter]
    public SwitchParameter ContinueOnError { get; set; }

    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = HookScript.DefaultTimeoutSeconds;

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isFile = ParameterSetName == OfFile;
            var file = isFile ? ResolvePath(Path) : null;
            var name = Name ?? (file is null ? Moment.ToString() : System.IO.Path.GetFileNameWithoutExtension(file));
            WriteObject(
                new P2VHook(Unusual.Replace(name, "-").Trim('-', '.'))
                {
                    Moment = Moment,
                    ContinueOnError = ContinueOnError,
                    TimeoutSec = TimeoutSec,
                    // Editors on Windows end lines in a way that no shell reads.
                    Script = (file is null ? Script : await ReadAsync(file)).Replace("\r\n", "\n"),
                }
            );
        }
        catch (P2VException e)
        {
            WriteFailure(e, (object?)Name ?? Path);
        }
    }

    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            using var reader = new StreamReader(file, Encoding.UTF8);
            return await reader.ReadToEndAsync();
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.ToError(exception, ErrorIds.FileNotAccessible, file, "read the hook");
        }
    }
}
