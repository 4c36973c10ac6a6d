using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "P2VReconfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class InvokeP2VReconfigurationCommand : StepCmdlet
{
    private protected override ConversionState Through => ConversionState.Reconfiguring;

    private protected override string Action => "Make the copy boot";
}
