//! Inputs, characteristics and the score.

use rust_decimal::Decimal;

use super::Description;
use crate::scheme::{
    Best, Characteristic, Dimension, Fit, Fitted, Input, InputType, Missing, Reasons, ScoreMissing, ShareOf,
};

impl Description<'_> {
    pub(super) fn inputs(&mut self) {
        self.open("Inputs", "输入");
        for input in &self.scheme.inputs {
            let item = self.named(input.title.as_ref(), &input.name);
            let meaning = input.description.as_ref().map_or(String::new(), |text| text.get(self.lang).into());
            let content = self.sentences(&[meaning, self.domain(input), self.missing(input)]);
            self.put(item, content, None);
        }
    }

    /// Type, unit, allowed values and plausible range.
    fn domain(&self, input: &Input) -> String {
        let kind = match input.kind {
            InputType::Number => self.pick("Number", "数值"),
            InputType::Integer => self.pick("Whole number", "整数"),
            InputType::Text => self.pick("Text", "文本"),
            InputType::Boolean => self.pick("Yes or no", "是或否"),
            InputType::Date => self.pick("Date", "日期"),
        };
        let mut parts = vec![kind.to_owned()];
        if let Some(unit) = &input.unit {
            let unit = unit.get(self.lang);
            parts.push(self.pick(format!("unit: {unit}"), format!("单位：{unit}")));
        }
        if !input.allowed.is_empty() {
            let allowed = self.values(&input.allowed, Some(input));
            parts.push(self.pick(format!("allowed: {allowed}"), format!("允许值：{allowed}")));
        }
        let [min, max] = [input.min, input.max].map(|end| end.map(|end| self.number(end.decimal())));
        match (min, max) {
            (Some(min), Some(max)) => {
                parts.push(
                    self.pick(format!("plausible from {min} to {max}"), format!("合理范围：{min}至{max}")),
                );
            }
            (Some(min), None) => {
                parts.push(self.pick(format!("plausible from {min} on"), format!("合理范围：不低于{min}")));
            }
            (None, Some(max)) => {
                parts.push(self.pick(format!("plausible up to {max}"), format!("合理范围：不超过{max}")));
            }
            (None, None) => {}
        }
        parts.join(self.pick("; ", "；"))
    }

    fn missing(&self, input: &Input) -> String {
        match &input.missing {
            Missing::Ungraded => self.pick("If missing, no tier is given", "缺失时不定级").to_owned(),
            Missing::Error => self.pick("If missing, grading fails", "缺失时定级报错").to_owned(),
            Missing::Null => {
                let en = "May be missing; the rules and bins say what follows";
                self.pick(en, "可以缺失，由规则和分档处理").to_owned()
            }
            Missing::Default(scalar) => {
                let value = self.value(scalar, Some(input));
                self.pick(format!("If missing, {value} is assumed"), format!("缺失时按{value}处理"))
            }
        }
    }

    pub(super) fn characteristics(&mut self) {
        self.open("Characteristics", "特征");
        for characteristic in &self.scheme.characteristics {
            let item = self.named(characteristic.title.as_ref(), &characteristic.name);
            let input = self.input(&characteristic.input);
            let content = self.binned(characteristic, input);
            self.put(&item, content, None);
            for bin in &characteristic.bins {
                let bounds = self.bounds(bin, input);
                let points = bin.points.map_or(String::new(), |points| {
                    let points = self.points(points.decimal());
                    self.pick(format!("; {points}"), format!("；{points}"))
                });
                let content = self.pick(
                    format!("{}: {bounds}{points}", bin.code),
                    format!("{}：{bounds}{points}", bin.code),
                );
                self.put(&item, content, bin.basis);
            }
            self.fitting(&item, characteristic.fit.as_ref(), characteristic.fitted.as_ref());
        }
    }

    /// Which input a characteristic puts into bins, and what its reasons are measured from.
    fn binned(&self, characteristic: &Characteristic, input: Option<&Input>) -> String {
        let name = self.named(input.and_then(|input| input.title.as_ref()), &characteristic.input);
        let mut sentences = vec![self.pick(format!("Bins of {name}"), format!("按{name}分档"))];
        if let Some(baseline) = characteristic.baseline {
            let points = self.points(baseline.decimal());
            let reason = characteristic.reason.as_deref().unwrap_or(&characteristic.name);
            sentences.push(self.pick(
                format!("Baseline of the reason ({reason}): {points}"),
                format!("原因代码（{reason}）的基准：{points}"),
            ));
        }
        self.sentences(&sentences)
    }

    /// How cut points follow from a population, and from which they did.
    pub(super) fn fitting(&mut self, item: &str, fit: Option<&Fit>, fitted: Option<&Fitted>) {
        if let Some(fit) = fit.filter(|fit| fit.is_to_outcome()) {
            self.fitting_to_outcome(item, fit);
        } else if let Some(fit) = fit {
            let order = match fit.best {
                Best::High => self.pick("from the highest value down", "由高到低"),
                Best::Low => self.pick("from the lowest value up", "由低到高"),
            };
            let whole = match fit.share_of {
                Some(ShareOf::Value) => self.pick("their total value", "价值总额"),
                Some(ShareOf::Customers) | None => self.pick("the customers", "客户数量"),
            };
            let parts = match (fit.parts, &fit.cuts) {
                (Some(parts), _) => self
                    .pick(format!("in {parts} equal parts of {whole}"), format!("将{whole}等分为{parts}份")),
                (None, Some(cuts)) => {
                    let cuts: Vec<String> = cuts.iter().map(|cut| self.percent(cut.decimal())).collect();
                    let cuts = cuts.join(self.pick(", ", "、"));
                    self.pick(format!("cut at {cuts} of {whole}"), format!("在累计{whole}的{cuts}处划分"))
                }
                (None, None) => String::new(),
            };
            let content = self.pick(
                format!("The cut points can be fitted to one's own customers: {order}, {parts}"),
                format!("分界值可按自有客户拟合：{order}排列，{parts}"),
            );
            self.put(item, content, fit.basis);
        }
        if let Some(fitted) = fitted {
            let n = self.number(Decimal::from(fitted.n));
            let at = &fitted.at;
            let content = match (fitted.min, fitted.max) {
                (Some(min), Some(max)) => {
                    let [min, max] = [min, max].map(|end| self.number(end.decimal()));
                    self.pick(
                        format!("Fitted to {n} customers with values from {min} to {max}: {at}"),
                        format!("已按{n}个客户拟合，取值范围{min}至{max}：{at}"),
                    )
                }
                _ => self.pick(format!("Fitted to {n} customers: {at}"), format!("已按{n}个客户拟合：{at}")),
            };
            self.put(item, content, None);
        }
    }

    fn fitting_to_outcome(&mut self, item: &str, fit: &Fit) {
        let content = match &fit.probability {
            Some(probabilities) => {
                let cuts: Vec<String> =
                    probabilities.iter().map(|probability| self.percent(probability.decimal())).collect();
                let cuts = cuts.join(self.pick(", ", "、"));
                self.pick(
                    format!("The cut points can be fitted to an outcome: at a probability of {cuts}"),
                    format!("分界值可按实际结果拟合：取概率为{cuts}处"),
                )
            }
            None => self
                .pick("Its bins and points can be fitted to an outcome", "分箱和分值可按实际结果拟合")
                .to_owned(),
        };
        self.put(item, content, fit.basis);
    }

    fn percent(&self, share: Decimal) -> String {
        format!("{}%", self.number(share.saturating_mul(Decimal::ONE_HUNDRED)))
    }

    pub(super) fn score(&mut self) {
        let Some(score) = &self.scheme.score else { return };
        self.open("Score", "评分");
        // Those with points are what the score adds up.
        let parts: Vec<(&Characteristic, Decimal)> = self
            .scheme
            .characteristics
            .iter()
            .filter(|characteristic| characteristic.bins.iter().any(|bin| bin.points.is_some()))
            .map(|characteristic| {
                let weight = score.weights.get(&characteristic.name);
                (characteristic, weight.map_or(Decimal::ONE, |weight| weight.decimal()))
            })
            .collect();
        let mut terms: Vec<String> = Vec::new();
        if score.initial.decimal() != Decimal::ZERO || parts.is_empty() {
            terms.push(self.number(score.initial.decimal()));
        }
        terms.extend(parts.iter().map(|(characteristic, weight)| {
            let title = self.within(characteristic.title.as_ref(), &characteristic.name);
            if *weight == Decimal::ONE { title } else { format!("{} × {title}", self.number(*weight)) }
        }));
        let formula = terms.join(" + ");
        let content = self.pick(format!("Score = {formula}"), format!("得分 = {formula}"));
        self.put(self.pick("Formula", "公式"), content, None);
        let initial = self.points(score.initial.decimal());
        self.put(self.pick("Initial score", "初始分"), initial, None);
        for (characteristic, weight) in parts {
            let item = self.named(characteristic.title.as_ref(), &characteristic.name);
            let points = || characteristic.bins.iter().filter_map(|bin| bin.points);
            let [min, max] =
                [points().min(), points().max()].map(|end| end.map(|end| end.decimal()).unwrap_or_default());
            let (weight, min, max) = (self.number(weight), self.number(min), self.points(max));
            let content =
                self.pick(format!("weight {weight}; {min} to {max}"), format!("权重{weight}；{min}至{max}"));
            self.put(item, content, None);
        }
        if let Some(ScoreMissing::Reweight) = score.missing {
            let least = score.least_weight.map(|least| self.percent(least.decimal()));
            let content = match least {
                None => self.pick(
                    "The weight of what is missing is spread over the rest; no score if nothing is known".to_owned(),
                    "缺失项的权重按比例分给其余各项；全部缺失时不计分".to_owned(),
                ),
                Some(least) => self.pick(
                    format!("The weight of what is missing is spread over the rest; no score if less than {least} of the weight is known"),
                    format!("缺失项的权重按比例分给其余各项；已知项的权重不足{least}时不计分"),
                ),
            };
            self.put(self.pick("Missing values", "缺失值"), content, None);
        }
        let reasons = score.reasons.map(|reasons| match reasons {
            Reasons::PointsBelow => {
                self.pick("What keeps the points below their baseline", "得分低于基准的特征")
            }
            Reasons::PointsAbove => {
                self.pick("What lifts the points above their baseline", "得分高于基准的特征")
            }
        });
        if let Some(reasons) = reasons {
            self.put(self.pick("Reasons given", "给出的原因"), reasons, None);
        }
        for dimension in &score.dimensions {
            self.dimension(dimension);
        }
    }

    /// What a side of the score is the mean of, and its classes.
    fn dimension(&mut self, dimension: &Dimension) {
        let item = self.named(dimension.title.as_ref(), &dimension.name);
        let of: Vec<String> = dimension
            .of
            .iter()
            .map(|name| self.within(self.characteristic(name).and_then(|c| c.title.as_ref()), name))
            .collect();
        let of = of.join(self.pick(", ", "、"));
        let content = self.pick(
            format!("Shown beside the tier: the weighted mean of {of}"),
            format!("与等级并列给出：{of}的加权平均分"),
        );
        self.put(&item, content, None);
        let mut above: Option<Decimal> = None;
        for class in &dimension.classes {
            let low = class.gte.map(|low| (self.number(low.decimal()), true));
            let high = above.map(|high| (self.number(high), false));
            above = class.gte.map(|low| low.decimal()).or(above);
            let bounds = match (&low, &high) {
                (None, None) => self.pick("all", "全部").to_owned(),
                _ => self.interval(low, high, false),
            };
            let name = self.named(class.title.as_ref(), &class.code);
            self.put(&item, format!("{bounds} → {name}"), class.basis);
        }
    }
}
