using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

// What LateTypeTests reads from this very assembly: one shape each, and nobody uses them.
#pragma warning disable CA1024, CA1034, CA1040, CA1044, CA1051, CA1052, CA1710, CA1711, CA1725, CA1801, CA1805
#pragma warning disable CA1812, CA1813, CA1815, CA1819, CA1823, CA2211, CS0067, CS0169, CS0649, IDE0044, IDE0051
#pragma warning disable CA1000, CA1019, CA1045, CA1003, CA1018
namespace LinuxP2V.Cmdlets.Tests.Loading;

public abstract class VirtualMethod
{
    private protected abstract ConversionState Return();

    private protected abstract void Take(ConversionState state);

    private protected abstract void TakeNullable(ConversionState? state);

    private protected abstract void TakeArray(ConversionState[] states);

    private protected abstract void TakeReference(ref ConversionState state);

    private protected abstract void TakeReadOnlyReference(in ConversionState state);

    private protected abstract void TakeTypeArgument(Func<ConversionState> read);

    private protected abstract void TakeTuple((int Number, ConversionState State) pair);
}

public abstract class Takes<T>
{
    public abstract void Take(T value);
}

public class Overriding : Takes<ConversionState>
{
    public override void Take(ConversionState value) { }
}

internal interface ITakesALateValue
{
    void Take(ConversionState state);
}

public class ExplicitImplementation : ITakesALateValue
{
    void ITakesALateValue.Take(ConversionState state) { }
}

public abstract class VirtualProperty
{
    internal abstract ConversionState Value { get; }
}

public abstract class VirtualEvent
{
    internal abstract event Action<ConversionState>? Changed;
}

public class ValueFields
{
    private static ConversionState staticField;
    private ConversionState enumField;
    private ConversionState? nullableField;
    private KeyValuePair<string, ConversionState> pairField;
}

public class HoldsAStruct
{
    private Inner innerField;

    private struct Inner
    {
        private ConversionState lateField;
    }
}

public abstract class TakesAStruct
{
    private protected abstract void Take(HoldsLate value);

    private protected struct HoldsLate
    {
        private ConversionState lateField;
    }
}

public class ImplementsLate : IEngineConsole
{
    public void Verbose(string message) { }

    public void Warning(string message) { }
}

public class InheritsOfLate : FactAttribute;

public class InheritsThroughAnArgument : List<ConversionState>;

public class Constrained<T>
    where T : IEngineConsole;

public class PublicMembers
{
    public ConversionGoal? Field;

    public PublicMembers(ConversionGoal goal) => Field = goal;

    public IReadOnlyList<ConversionGoal> Property => [];
}

[Collection("No test is in it.")]
public class Attributed;

[Holds(ConversionState.Queued)]
public class AttributedWithAValue;

public class AttributedWithAType
{
    [Names(typeof(Conversion))]
    public string? Property { get; set; }
}

public class AttributedWithOwn
{
    [Names(Type = typeof(Conversion[]))]
    public string? Property { get; set; }
}

[Own]
public class AttributedByAnHeir;

public class Outer
{
    public abstract class Nested
    {
        private protected abstract void Take(ConversionState state);
    }
}

public abstract class Named
{
    internal const ConversionState Constant = ConversionState.Queued;
    private Conversion? referenceField;
    private List<ConversionState>? listField;
    private ConversionState[]? arrayField;

    internal Conversion? Internal => referenceField;

    private protected abstract void Take(Conversion conversion);
}

public class Harmless
{
    internal static int Count(Conversion conversion, ConversionState state) => new[] { conversion.State, state }.Count(s => s == state);

    internal static async Task<ConversionState> ReadAsync(ConversionState state)
    {
        await Task.Yield();
        return state;
    }

    private sealed class Hidden : IEngineConsole
    {
        public void Verbose(string message) { }

        public void Warning(string message) { }
    }
}

[AttributeUsage(AttributeTargets.All)]
internal sealed class HoldsAttribute(ConversionState state) : Attribute
{
    public ConversionState State { get; } = state;
}

[AttributeUsage(AttributeTargets.All)]
internal sealed class NamesAttribute(Type? type = null) : Attribute
{
    public Type? Type { get; set; } = type;
}

[AttributeUsage(AttributeTargets.All)]
internal abstract class LateAttributeBase : Attribute, IEngineConsole
{
    public void Verbose(string message) { }

    public void Warning(string message) { }
}

[AttributeUsage(AttributeTargets.All)]
internal sealed class OwnAttribute : LateAttributeBase;
