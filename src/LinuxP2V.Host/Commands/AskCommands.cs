using System.Management.Automation;
using System.Net;
using System.Security;

namespace LinuxP2V.Host.Commands;

[Cmdlet(VerbsCommunications.Read, "Host")]
public sealed class ReadHostCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromRemainingArguments = true)]
    public object? Prompt { get; set; }

    [Parameter]
    public SwitchParameter AsSecureString { get; set; }

    [Parameter]
    public SwitchParameter MaskInput { get; set; }

    protected override void ProcessRecord()
    {
        if (Prompt is not null)
            Host.UI.Write(Text.Of(Prompt) + ": ");
        if (!AsSecureString && !MaskInput)
        {
            WriteObject(Host.UI.ReadLine());
            return;
        }

        var hidden = Host.UI.ReadLineAsSecureString();
        WriteObject(AsSecureString ? hidden : new NetworkCredential("", hidden).Password);
    }
}

[Cmdlet(VerbsCommon.Get, "Credential")]
[OutputType(typeof(PSCredential))]
public sealed class GetCredentialCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    [Alias("Credential")]
    public string UserName { get; set; } = "";

    [Parameter]
    public string Message { get; set; } = "";

    [Parameter]
    public string Title { get; set; } = "";

    protected override void ProcessRecord() => WriteObject(Host.UI.PromptForCredential(Title, Message, UserName, ""));
}

[Cmdlet(VerbsData.ConvertTo, "SecureString")]
[OutputType(typeof(SecureString))]
public sealed class ConvertToSecureStringCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string String { get; set; } = "";

    /// <summary>Mandatory here: the encrypted form is bound to Windows.</summary>
    [Parameter(Mandatory = true)]
    public SwitchParameter AsPlainText { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() => WriteObject(new NetworkCredential("", String).SecurePassword);
}
