using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveP2VConversionCommand : ConversionCmdlet
{
    [Parameter]
    public SwitchParameter DeleteVM { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var damaged = DeleteVM ? [] : Engine.Conversions.ListDamaged().Select(conversion => conversion.Id).ToList();
        foreach (var given in Conversion.Where(given => damaged.Contains(given.Id)))
        {
            if (ShouldProcess(given.Id, "Forget the conversion, whose file cannot be read; its VM stays"))
                await Engine.Conversions.RemoveAsync(given.Id, null, cancellationToken);
        }

        Conversion = [.. Conversion.Where(given => !damaged.Contains(given.Id))];
        await ForEachConversionAsync(conversion => RemoveAsync(conversion, cancellationToken));
    }

    private async Task RemoveAsync(Conversion conversion, CancellationToken cancellationToken)
    {
        var action = DeleteVM
            ? "Forget the conversion and DELETE its VM with all disks "
                + $"({conversion.Location ?? "looked for by its mark, should it have been created"})"
            : "Forget the conversion; its VM stays";
        if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", action))
            return;
        var destination = DeleteVM ? await Servers.FindAsync(conversion.Task.Destination, cancellationToken) : null;
        await Engine.Conversions.RemoveAsync(conversion.Id, destination, cancellationToken);
        Session.Forget(conversion.Id);
        WarnOfStoppedServices(conversion);
    }
}
