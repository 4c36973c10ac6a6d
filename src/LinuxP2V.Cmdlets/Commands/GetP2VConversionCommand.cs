using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "P2VConversion", DefaultParameterSetName = NameSet)]
[OutputType(typeof(P2VConversion))]
public sealed class GetP2VConversionCommand : P2VCmdlet
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = NameSet)]
    [TextTransformation]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ConversionNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    [Parameter(Mandatory = true, ParameterSetName = IdSet, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ConversionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    [Parameter]
    public P2VConversionState[]? State { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == IdSet)
            FindById();
        else
            FindByName();
        return Task.CompletedTask;
    }

    private void FindById()
    {
        foreach (var id in Id)
        {
            try
            {
                Show(Engine.Conversions.Get(id));
            }
            catch (P2VException e)
            {
                WriteFailure(e, id);
            }
        }
    }

    private void FindByName()
    {
        var all = Engine.Conversions.List();
        var unreadable = State is null || State.Contains(P2VConversionState.Damaged) ? Engine.Conversions.ListDamaged() : [];
        foreach (var name in Name)
        {
            var found = ConversionFinder.ByName(all, name);
            foreach (var conversion in found)
                Show(conversion);

            // Their names are in their files. The id stands in their place.
            var damaged = unreadable.Where(c => Wildcard.Matches(name, c.Id)).ToList();
            foreach (var conversion in damaged)
                WriteObject(ConversionMapper.ToObject(conversion));

            // A name with wildcards may mean none.
            if (found.Count == 0 && damaged.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteFailure(
                    new P2VException(
                        ErrorIds.ConversionNotFound,
                        $"There is no conversion named '{name}'.",
                        "List them: Get-P2VConversion."
                    ),
                    name
                );
            }
        }
    }

    private void Show(LinuxP2V.Engine.Conversions.Conversion conversion)
    {
        if (State is null || State.Contains(EnumMapper.Map<P2VConversionState>(conversion.State)))
            WriteObject(ConversionMapper.ToObject(conversion, Session));
    }
}
